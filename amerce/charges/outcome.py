"""What a command answers. Page, JSON, wire and letter are rendered from it, also when it is answered again."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Line:
    """One movement on one fee. ``before_minor`` and ``after_minor`` are what remained of the fee around it."""

    kind: str
    fee_id: int
    amount_minor: int
    before_minor: int
    after_minor: int
    status: str
    credit_fee_id: int | None

    def as_json(self) -> dict[str, Any]:
        return dict(vars(self))


@dataclass(frozen=True)
class Outcome:
    """What a command did, and how the account stands since. Minor units of the institution's currency.

    ``payment_id`` is the receipt number of a payment or refund. ``replayed`` says that nothing was done now:
    the same was asked before and this is the first answer.
    """

    verb: str
    patron_id: int
    payment_id: int | None
    lines: tuple[Line, ...]
    balance_minor: int
    disputed_minor: int
    transferred_minor: int
    seq: int
    replayed: bool = False

    @property
    def amount_minor(self) -> int:
        """The sum of all lines."""
        return sum(line.amount_minor for line in self.lines)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def from_json(stored: dict[str, Any]) -> Outcome:
    """The outcome that was stored, marked as a replay."""
    lines = tuple(Line(**line) for line in stored["lines"])
    return Outcome(**{**stored, "lines": lines, "replayed": True})
