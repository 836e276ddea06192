"""Saying when a library is open, from a day on (row C5).

Why from today at the earliest: what a past day was counts in fines that were charged. A closing that happened is
entered as an exception (``add_closure``).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction

from amerce.access.actors import Actor
from amerce.circulation.configuring import may_configure
from amerce.circulation.models import OpeningHours
from amerce.circulation.policy_errors import DayTooEarly, DayTooLate, HoursOverlap, NeverOpen
from amerce.events.record import record
from amerce.inputs.checks import checked_number, checked_row
from amerce.inputs.stamp import require_unchanged
from amerce.institutions.configuring import locked_institution
from amerce.institutions.days import local_day
from amerce.institutions.models import Library

AHEAD_DAYS = 730
SPANS_LIMIT = 4
"""How often a library opens in one day, at most."""
_LAST_WEEKDAY = 6

Week = Mapping[int, Sequence[tuple[time, time]]]
"""Weekday (0 is Monday) to the times at which it opens and closes; closing at midnight is the end of the day."""


Said = Sequence[tuple[date, int, time, time]]
"""Since when, weekday, opens, closes."""


def set_opening_hours(
    *,
    actor: Actor,
    at: datetime,
    library_id: int,
    valid_from: date,
    week: Week,
    expected_stamp: str | None = None,
) -> None:
    """Have the library open as ``week`` says from ``valid_from`` on, until hours of a later day follow.

    Takes the place of hours said for the same day before; a weekday left out is closed.
    ``expected_stamp`` is that of ``hours_said`` when the page was made. Raises ``NotAllowed``, ``OutOfDate``,
    ``ChoiceUnknown``, ``DayTooEarly``, ``DayTooLate``, ``NumberOutOfRange``, ``HoursOverlap``, ``NeverOpen``.
    """
    may_configure(actor, library_id)
    with transaction.atomic():
        institution = locked_institution(actor)
        checked_row("library", Library, institution.pk, pk=library_id)
        today = local_day(at, institution.zone)
        if valid_from < today:
            raise DayTooEarly("valid_from", today)
        if valid_from > today + timedelta(days=AHEAD_DAYS):
            raise DayTooLate("valid_from", today + timedelta(days=AHEAD_DAYS))
        after = _checked(week)
        said = hours_said(OpeningHours.objects.filter(institution=institution, library_id=library_id))
        before = [each[1:] for each in said if each[0] == valid_from]
        if before == after:
            return
        require_unchanged(said, expected_stamp)
        OpeningHours.objects.filter(institution=institution, library_id=library_id, valid_from=valid_from).delete()
        OpeningHours.objects.bulk_create(
            OpeningHours(
                institution=institution,
                library_id=library_id,
                valid_from=valid_from,
                weekday=weekday,
                opens=opens,
                closes=closes,
                updated_by=actor.name,
                updated_at=at,
            )
            for weekday, opens, closes in after
        )
        data: dict[str, Any] = {"library": library_id, "valid_from": valid_from.isoformat()}
        data |= {"before": _texts(before), "after": _texts(after)}
        record("calendar.changed", actor=actor, at=at, data=data)


def hours_said(hours: Iterable[OpeningHours]) -> Said:
    """What ``hours`` say, in an order."""
    return sorted((each.valid_from, each.weekday, each.opens, each.closes) for each in hours)


def _checked(week: Week) -> list[tuple[int, time, time]]:
    found = []
    for weekday, spans in sorted(week.items()):
        checked_number("weekday", weekday, 0, _LAST_WEEKDAY)
        checked_number(f"day_{weekday}", len(spans), 0, SPANS_LIMIT)
        reached = None
        for opens, closes in sorted(spans):
            ends_at_midnight = closes == time.min
            if (not ends_at_midnight and closes <= opens) or (reached is not None and opens < reached):
                raise HoursOverlap(weekday)
            found.append((weekday, opens, closes))
            reached = time.max if ends_at_midnight else closes
    if not found:
        raise NeverOpen
    return found


def _texts(hours: Sequence[tuple[int, time, time]]) -> list[list[Any]]:
    return [[weekday, f"{opens:%H:%M}", f"{closes:%H:%M}"] for weekday, opens, closes in hours]
