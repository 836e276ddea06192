"""Days of the calendar where the institution is: which one a moment falls on, when one begins and ends.

Why in one place: a day is not always 24 hours long, and its last second may come twice.
"""

from datetime import UTC, date, datetime, time, tzinfo


def local_day(at: datetime, zone: tzinfo) -> date:
    """The day on which ``at`` falls in ``zone``."""
    return at.astimezone(zone).date()


def begin_of_day(day: date, zone: tzinfo) -> datetime:
    """The midnight with which ``day`` begins, in ``zone``."""
    return datetime.combine(day, time.min, zone)


def end_of_day(day: date, zone: tzinfo) -> datetime:
    """The last second of ``day`` in ``zone``, in UTC; the later one where the clocks go back at midnight."""
    return datetime.combine(day, time(23, 59, 59), zone).replace(fold=1).astimezone(UTC)
