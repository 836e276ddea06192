"""When a schedule is due: the five parts of a cron line, on the clocks of the institution.

Why not the library's way with clock changes alone: it knows a fixed hour from every hour, and takes ``*/2`` for the
latter. Here a time that the clocks skip comes right after, and one that they show twice comes once, unless it is meant
for every hour.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from itertools import islice

from cronsim import CronSim, CronSimError

from amerce.jobs.errors import CronNotTaken, NeverDue

CRON_LIMIT = 100
_PARTS = ("minute", "hour", "day-of-month", "month", "day-of-week")
_WHOLE = {0: "0-59", 1: "0-23"}
_EVERY_HOUR = "*"


def checked_cron(text: str) -> str:
    """``text`` with one space between its parts. Raises ``CronNotTaken``, ``NeverDue``."""
    parts = text.split()
    if len(parts) != len(_PARTS) or len(text) > CRON_LIMIT:
        raise CronNotTaken
    cron = " ".join(parts)
    try:
        is_ever = any(True for _each in next_times(cron, after=datetime(2024, 1, 1, tzinfo=UTC), zone=UTC))
    except CronSimError as error:
        part = next((each for each in _PARTS if str(error).endswith(f" {each}")), "")
        if part == "day-of-month" and _is_day(parts[2]):
            raise NeverDue from error
        raise CronNotTaken(part) from error
    if not is_ever:
        raise NeverDue
    return cron


def next_time(cron: str, *, after: datetime, zone: tzinfo) -> datetime:
    """The first time later than ``after`` at which ``cron`` is due. Raises ``NeverDue``."""
    found = next(next_times(cron, after=after, zone=zone), None)
    if found is None:
        raise NeverDue
    return found


def first_times(cron: str, count: int, *, after: datetime, zone: tzinfo) -> list[datetime]:
    """The next ``count`` times, for who wants to see them."""
    return list(islice(next_times(cron, after=after, zone=zone), count))


def next_times(cron: str, *, after: datetime, zone: tzinfo) -> Iterator[datetime]:
    """The times later than ``after`` at which ``cron``, which was checked, is due on the clocks of ``zone``, in UTC."""
    last = after
    for each in CronSim(_for_clocks(cron), after.astimezone(zone)):
        due = each.astimezone(UTC)
        if due > last:  # the hour that comes twice begins again
            last = due
            yield due


def _for_clocks(cron: str) -> str:
    """``cron`` so that the library takes it for fixed times, unless it is meant for every hour."""
    parts = cron.split()
    if parts[1] != _EVERY_HOUR:
        for place, whole in _WHOLE.items():
            terms = parts[place].split(",")
            parts[place] = ",".join(whole + each[1:] if each.startswith("*") else each for each in terms)
    return " ".join(parts)


def _is_day(part: str) -> bool:
    return part.isascii() and part.isdigit() and 1 <= int(part) <= 31  # noqa: PLR2004
