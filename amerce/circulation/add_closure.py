"""Closing a library, or all of them, for some days: a holiday to come, or an emergency that happened (row C5).

Why past days can be entered: nobody plans a flood. Fines that were charged for them are lowered by the job
``recalculate-overdue-fines``, because they can be many.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db import transaction

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.privileges import Privilege
from amerce.circulation.configuring import may_configure
from amerce.circulation.models import CalendarException
from amerce.circulation.policy_errors import DayTooEarly, DayTooLate
from amerce.events.record import record
from amerce.inputs.checks import checked_name, checked_row
from amerce.institutions.configuring import locked_institution
from amerce.institutions.days import local_day
from amerce.institutions.models import Library
from amerce.jobs.enqueue import enqueue

BACK_DAYS, AHEAD_DAYS = 366, 730
LENGTH_DAYS = 366
RECALCULATION = "recalculate-overdue-fines"
"""The name of the job, which is in a module above this one."""


@dataclass(frozen=True)
class ClosureAdded:
    """``run_id`` is the run that lowers fines of days that have passed; None when all are to come."""

    closure_id: int
    run_id: int | None


def add_closure(
    *, actor: Actor, at: datetime, library_id: int | None, first_on: date, last_on: date, reason: str
) -> ClosureAdded:
    """Close the library (None: every one) from ``first_on`` to ``last_on``, both included.

    Raises ``NotAllowed``, ``ChoiceUnknown``, ``NameMissing``, ``TextTooLong``, and ``DayTooEarly`` or
    ``DayTooLate`` for days that are the wrong way round, too long ago, too far ahead or too many.
    """
    may_configure(actor, library_id)
    with transaction.atomic():
        institution = locked_institution(actor)
        if library_id is not None:
            checked_row("library", Library, institution.pk, pk=library_id)
        today = local_day(at, institution.zone)
        _check_days(first_on, last_on, today)
        closure = CalendarException.objects.create(
            institution=institution,
            library_id=library_id,
            first_on=first_on,
            last_on=last_on,
            reason=checked_name("reason", reason),
            created_at=at,
            created_by=actor.name,
        )
        after = {"first_on": first_on.isoformat(), "last_on": last_on.isoformat(), "removed_on": None}
        data = {"closure": closure.pk, "library": library_id, "before": None, "after": after}
        record("calendar.changed", actor=actor, at=at, data=data)
        run_id = _recalculated(actor, at, closure) if first_on <= today else None
        return ClosureAdded(closure.pk, run_id)


def _check_days(first_on: date, last_on: date, today: date) -> None:
    earliest, latest = today - timedelta(days=BACK_DAYS), today + timedelta(days=AHEAD_DAYS)
    if first_on < earliest:
        raise DayTooEarly("first_on", earliest)
    if first_on > latest:
        raise DayTooLate("first_on", latest)
    if last_on < first_on:
        raise DayTooEarly("last_on", first_on)
    if last_on > first_on + timedelta(days=LENGTH_DAYS - 1):
        raise DayTooLate("last_on", first_on + timedelta(days=LENGTH_DAYS - 1))


def _recalculated(actor: Actor, at: datetime, closure: CalendarException) -> int:
    """Who may close a library causes the run that follows from it, also without the privilege to run jobs."""
    causing = replace(actor, grants={**actor.grants, Privilege.JOB_RUN: frozenset({EVERYWHERE})})
    return enqueue(actor=causing, at=at, name=RECALCULATION, given={"closure": str(closure.pk)}).pk
