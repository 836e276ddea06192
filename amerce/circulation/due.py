"""When a loan is due (row C5)."""

from datetime import date, datetime, timedelta, tzinfo

from amerce.circulation.models import TermsOfUse
from amerce.circulation.opening import DAY, Opening
from amerce.institutions.days import end_of_day, local_day

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
    return end_of_open_day(local_day(at, zone) + timedelta(days=days), zone=zone, opening=opening)


def end_of_open_day(day: date, *, zone: tzinfo, opening: Opening) -> datetime:
    """The last second of ``day``, or of the next day on which the library opens, in UTC."""
    for ahead in range(_LOOK_AHEAD_DAYS):
        if opening.is_open_on(day + ahead * DAY):
            return end_of_day(day + ahead * DAY, zone)
    return end_of_day(day, zone)
