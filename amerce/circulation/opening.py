"""When libraries are closed, as spans of wall-clock time (``docs/reference/rules.md``, "Growth with time").

Why wall-clock: a day is a day also when the clocks change, and a library opens by the clock on its wall.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.db.models import Q

from amerce.circulation.models import CalendarException, OpeningHours
from amerce.sql import Select

DAY = timedelta(days=1)


class Span(NamedTuple):
    """From ``begin`` up to ``end``, naive, in the institution's zone."""

    begin: datetime
    end: datetime


@dataclass(frozen=True)
class Closure:
    """Days from ``first_on`` to ``last_on`` on which a library is closed, those from ``removed_on`` on left out."""

    first_on: date
    last_on: date
    removed_on: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.first_on <= day <= self.last_on and (self.removed_on is None or day < self.removed_on)


@dataclass(frozen=True)
class Opening:
    """When one library is open. Nothing said means always.

    ``hours`` maps the day from which they hold to the open spans of each weekday; a weekday that is not there is
    closed.
    """

    hours: dict[date, dict[int, list[tuple[time, time]]]] = field(default_factory=dict)
    closures: tuple[Closure, ...] = ()
    _known: dict[date, bool] = field(init=False, repr=False, compare=False, default_factory=dict)

    def is_open_on(self, day: date) -> bool:
        """Whether the library opens at all on ``day``; asked once for all loans that were late on it."""
        if day not in self._known:
            self._known[day] = self._opens(day)
        return self._known[day]

    def _opens(self, day: date) -> bool:
        if any(each.holds_on(day) for each in self.closures):
            return False
        week = self._week(day)
        return week is None or day.weekday() in week

    def closed_days(self, begin: datetime, end: datetime) -> Iterator[Span]:
        """The whole days between ``begin`` and ``end``, those of both included, on which the library never opens."""
        if not self.hours and not self.closures:
            return
        day = begin.date()
        while day <= end.date():
            if not self.is_open_on(day):
                yield whole_day(day)
            day += DAY

    def closed_time(self, begin: datetime, end: datetime) -> Iterator[Span]:
        """All time of the days between ``begin`` and ``end``, those of both included, outside the opening hours."""
        if not self.hours and not self.closures:
            return
        day = begin.date()
        while day <= end.date():
            if not self.is_open_on(day):
                yield whole_day(day)
            else:
                yield from _between_openings(day, self._week(day))
            day += DAY

    def _week(self, day: date) -> dict[int, list[tuple[time, time]]] | None:
        starts = sorted(self.hours)
        place = bisect_right(starts, day)
        return self.hours[starts[place - 1]] if place else None


def openings(institution_id: int, library_ids: Collection[int]) -> dict[int, Opening]:
    """The opening of each library. Two queries."""
    hours: dict[int, dict[date, dict[int, list[tuple[time, time]]]]] = {each: {} for each in library_ids}
    for each in _HOURS.rows(institution_id, sorted(library_ids)):
        week = hours[each.library_id].setdefault(each.valid_from, {})
        week.setdefault(each.weekday, []).append((each.opens, each.closes))
    closures: dict[int, list[Closure]] = defaultdict(list)
    for found in _CLOSURES.rows(institution_id, sorted(library_ids)):
        closure = Closure(found.first_on, found.last_on, found.removed_on)
        for library_id in library_ids if found.library_id is None else [found.library_id]:
            closures[library_id].append(closure)
    return {each: Opening(hours[each], tuple(closures[each])) for each in library_ids}


def whole_day(day: date) -> Span:
    """From midnight to midnight."""
    midnight = datetime.combine(day, time.min)
    return Span(midnight, midnight + DAY)


def overlap(begin: datetime, end: datetime, spans: Sequence[Span]) -> timedelta:
    """How much of the time from ``begin`` to ``end`` lies in any of ``spans``, which may overlap each other."""
    covered, reached = timedelta(), begin
    for span in sorted(spans):
        first, last = max(span.begin, reached), min(span.end, end)
        if last > first:
            covered += last - first
            reached = last
    return covered


def _between_openings(day: date, week: dict[int, list[tuple[time, time]]] | None) -> Iterator[Span]:
    if week is None:
        return
    reached, day_end = whole_day(day)
    for opens, closes in week[day.weekday()]:
        opening = datetime.combine(day, opens)
        if opening > reached:
            yield Span(reached, opening)
        reached = max(reached, day_end if closes == time.min else datetime.combine(day, closes))
    if reached < day_end:
        yield Span(reached, day_end)


_HOURS = Select(
    lambda institution_id, library_ids: OpeningHours.objects.filter(
        institution_id=institution_id, library_id__in=library_ids
    ).order_by("opens")
)
_CLOSURES = Select(
    lambda institution_id, library_ids: CalendarException.objects.filter(
        Q(library=None) | Q(library_id__in=library_ids), institution_id=institution_id
    )
)
