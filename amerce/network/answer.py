"""What a member answered about one patron."""

from dataclasses import dataclass
from enum import StrEnum

from amerce.money.amount import Currency

FEES_SHOWN = 100
"""Of more fees the first are kept; the total holds them all."""


class State(StrEnum):
    """How it went. Only ``OWES`` and ``NOTHING`` say something about money."""

    OWES = "owes"
    NOTHING = "nothing"
    UNKNOWN = "unknown"
    NO_IDENTIFIER = "no_identifier"
    NOT_SHARED = "not_shared"
    REFUSED = "refused"
    BUSY = "busy"
    NOT_REACHED = "not_reached"
    NOT_UNDERSTOOD = "not_understood"
    NO_KEY = "no_key"


@dataclass(frozen=True)
class MemberFee:
    """One fee there, in the member's words. A credit is below zero."""

    title: str
    type: str
    balance_minor: int


@dataclass(frozen=True)
class Answer:
    """``total_minor`` in units of ``currency``, net of credits; ``count`` is how many fees it is the sum of."""

    state: State
    currency: Currency | None = None
    total_minor: int = 0
    fees: tuple[MemberFee, ...] = ()
    count: int = 0


def owed(currency: Currency, total_minor: int, fees: list[MemberFee]) -> Answer:
    """The answer of a member that knows the patron."""
    state = State.OWES if total_minor > 0 or fees else State.NOTHING
    return Answer(state, currency, total_minor, tuple(fees[:FEES_SHOWN]), len(fees))
