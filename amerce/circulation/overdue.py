"""What lateness costs: arithmetic on terms of use, nothing else (``docs/reference/rules.md``, "Growth with time").

Why wall-clock time in whole spans: what is due at the end of a day is late by whole days, a change of clocks adds
none, and a person can count them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from amerce.circulation.models import TermsOfUse
from amerce.circulation.opening import Opening, Span, overlap

UNITS = {
    TermsOfUse.Unit.HOUR: timedelta(hours=1),
    TermsOfUse.Unit.DAY: timedelta(days=1),
    TermsOfUse.Unit.WEEK: timedelta(weeks=1),
}
ALWAYS_OPEN = Opening()
_MINUTE = timedelta(minutes=1)


class Rates(Protocol):
    """What a lateness is priced by, in minor units."""

    @property
    def overdue_unit(self) -> str: ...
    @property
    def grace_minutes(self) -> int: ...
    @property
    def overdue_maximum_minor(self) -> int: ...
    @property
    def charges_closed_time(self) -> bool: ...


def fine_minor(
    terms: Rates,
    rate_minor: int,
    latenesses: Sequence[Span],
    *,
    opening: Opening = ALWAYS_OPEN,
    frozen: Sequence[Span] = (),
) -> int:
    """The whole fine for the times in which one loan was late, in minor units, at ``rate_minor`` for each unit.

    Each lateness counts by itself, closed time and ``frozen`` time left out: within the grace nothing, past it the
    whole of it, rounded up to whole units. Their sum is at most the maximum of the terms.
    """
    unit = UNITS[TermsOfUse.Unit(terms.overdue_unit)]
    grace = terms.grace_minutes * _MINUTE
    total_minor = 0
    for begin, end in latenesses:
        late = late_for(terms, Span(begin, end), opening=opening, frozen=frozen)
        if late > grace:
            total_minor += -(-late // unit) * rate_minor
    return min(total_minor, terms.overdue_maximum_minor) if terms.overdue_maximum_minor else total_minor


def late_for(terms: Rates, lateness: Span, *, opening: Opening, frozen: Sequence[Span] = ()) -> timedelta:
    """How long from the due moment to the end of ``lateness``, without closed and frozen time; zero if early."""
    due, until = due_moment(lateness.begin), lateness.end
    if until <= due:
        return timedelta()
    left_out = list(frozen)
    if not terms.charges_closed_time:
        by_the_hour = terms.overdue_unit == TermsOfUse.Unit.HOUR
        left_out += opening.closed_time(due, until) if by_the_hour else opening.closed_days(due, until)
    return until - due - overlap(due, until, left_out)


def due_moment(due: datetime) -> datetime:
    """``due`` up to the whole minute: the last second of a day stands for its end."""
    return due if not (due.second or due.microsecond) else due.replace(second=0, microsecond=0) + _MINUTE
