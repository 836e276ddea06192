"""What a charge command was asked: its inputs, held to what can be stored, and the keys that know it again.

Why apart from the books: this much is known, and refused, before anything is locked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from amerce.charges.errors import NothingChosen
from amerce.inputs.checks import checked_text

COMMENT_LIMIT = 1000
EXTERNAL_ID_LIMIT = 150
FORM_KEY_LIMIT = 150
FORM_SCOPE = "form"


@dataclass(frozen=True)
class Key:
    """An idempotency key and the inputs that belong to it."""

    scope: str
    key: str
    inputs: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Request:
    """What was asked: the verb, its inputs, the key of the form and the account's ``seq`` when the page was made.

    ``verb`` is a ``Verb``, or the name of a command above that moves money with something of its own. Raises
    ``TextTooLong`` for a text among them that no table could hold.
    """

    verb: str
    inputs: Mapping[str, Any]
    form_key: str = ""
    expected_seq: int | None = None
    external_key: Key | None = None

    def __post_init__(self) -> None:
        checked_text("form_key", self.form_key, FORM_KEY_LIMIT)
        for name, value in self.inputs.items():
            if isinstance(value, str):
                checked_text(name, value, COMMENT_LIMIT)

    @property
    def keys(self) -> list[Key]:
        form = [Key(FORM_SCOPE, self.form_key, {"verb": self.verb, **self.inputs})] if self.form_key else []
        return form + ([self.external_key] if self.external_key else [])


def chosen(fee_ids: Sequence[int]) -> list[int]:
    """The ids in order and without repetition. Raises ``NothingChosen`` for none."""
    if not fee_ids:
        raise NothingChosen
    return sorted(set(fee_ids))
