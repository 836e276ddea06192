"""The checks that commands share. Each raises one of ``inputs.errors``."""

import re
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model

from amerce.inputs.errors import ChoiceUnknown, NameMissing, NumberOutOfRange, TextMalformed, TextTooLong

NAME_LIMIT = 200
_ID_LIMIT = 2**63 - 1
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_UNSEEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""Controls, and what sets the direction of the words after it: a name that holds one turns round the page it is on."""


def possible_ids(ids: Sequence[int]) -> list[int]:
    """Without the numbers that no id can be, on which SQLite chokes; whoever asked finds them missing."""
    return [each for each in ids if 0 < each <= _ID_LIMIT]


def typed_ids(text: str) -> list[int]:
    """The one id that ``text`` writes in digits, or none; for ``pk__in``."""
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(_ID_LIMIT))
    return possible_ids([int(text)]) if is_number else []


def can_be_stored(text: str) -> bool:
    """Whether a database takes ``text``, be it to keep or to look for: it has no NUL and no half of a character."""
    return not _NO_TEXT.search(text)


def can_be_seen(text: str) -> bool:
    """Whether ``text`` holds nothing but what a reader sees, with tabs and line ends; then it can be stored, too."""
    return not _UNSEEN.search(text)


def without_unseen(text: str) -> str:
    """``text`` as a reader sees it: what ``can_be_seen`` refuses is taken out."""
    return _UNSEEN.sub("", text)


def checked_text(field: str, text: str, limit: int) -> str:
    """``text`` if it can be kept and read. Raises ``TextTooLong``, ``TextMalformed``."""
    if len(text) > limit:
        raise TextTooLong(field, limit)
    if not can_be_seen(text):
        raise TextMalformed(field)
    return text


def checked_name(field: str, text: str, limit: int = NAME_LIMIT) -> str:
    """``text`` without the space around it. Raises ``NameMissing``, ``TextTooLong``, ``TextMalformed``."""
    name = text.strip()
    if not name:
        raise NameMissing(field)
    if len(name.splitlines()) > 1:
        raise TextMalformed(field)
    return checked_text(field, name, limit)


def checked_number(field: str, number: int, low: int, high: int) -> int:
    """``number`` if it is from ``low`` to ``high``. Raises ``NumberOutOfRange``."""
    if not low <= number <= high:
        raise NumberOutOfRange(field, low, high)
    return number


def checked_row(field: str, model: type[Model], institution_id: int, **which: Any) -> None:
    """Raise ``ChoiceUnknown`` unless the institution has that row of ``model``."""
    try:
        found = model._default_manager.filter(institution_id=institution_id, **which).exists()
    except (OverflowError, ValueError, ValidationError):
        found = False
    if not found:
        raise ChoiceUnknown(field)
