"""When a loan is due (row C5)."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from amerce.circulation.models import TermsOfUse
from amerce.circulation.opening import DAY, Opening

_LAST_SECOND = time(23, 59, 59)
_LOOK_AHEAD_DAYS = 366
"""A library that does not open for a year has no calendar to go by."""


def due_after(terms: TermsOfUse, at: datetime, *, zone: tzinfo, opening: Opening) -> datetime:
    """The due moment of a loan or renewal made at ``at``, in UTC.

    Hours are counted by the clock; days and weeks end with the day, in ``zone``, and move on to the next one on which
    the library opens, because nobody can return anything on a closed day.
    """
    if terms.loan_unit == TermsOfUse.Unit.HOUR:
        return at + timedelta(hours=terms.loan_length)
    days = terms.loan_length * (7 if terms.loan_unit == TermsOfUse.Unit.WEEK else 1)
    return end_of_open_day(at.astimezone(zone).date() + timedelta(days=days), zone=zone, opening=opening)


def end_of_open_day(day: date, *, zone: tzinfo, opening: Opening) -> datetime:
    """The last second of ``day``, or of the next day on which the library opens, in UTC."""
    for ahead in range(_LOOK_AHEAD_DAYS):
        if opening.is_open_on(day + ahead * DAY):
            return _end_of(day + ahead * DAY, zone)
    return _end_of(day, zone)


def _end_of(day: date, zone: tzinfo) -> datetime:
    """Where the last second comes twice, because the clocks go back, it is the second one."""
    return datetime.combine(day, _LAST_SECOND, zone).replace(fold=1).astimezone(UTC)
