"""Saying when a job begins by itself."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.events.record import record
from amerce.inputs.errors import ChoiceUnknown
from amerce.inputs.stamp import require_unchanged, stamp_of
from amerce.jobs.cron import checked_cron
from amerce.jobs.enqueue import read_params
from amerce.jobs.errors import ScheduleTwice
from amerce.jobs.models import JobSchedule
from amerce.jobs.registry import find_job
from amerce.jobs.schedule_facts import CHANGED, ScheduleFacts, locked_schedule, plan, zone_of


@dataclass(frozen=True)
class Saved:
    """``is_changed`` is false when all was so already; ``next_at`` is None for a schedule that is not enabled."""

    schedule_id: int
    next_at: datetime | None
    is_changed: bool


def save_schedule(
    *,
    actor: Actor,
    at: datetime,
    facts: ScheduleFacts,
    schedule_id: int | None = None,
    expected_stamp: str | None = None,
) -> Saved:
    """Add a schedule to the actor's institution, or make that one say ``facts``; its job stays.

    The time is worked out anew from ``at``: what was due and not begun yet begins by the new times. ``expected_stamp``
    is that of ``ScheduleFacts.of`` when the page was made. Raises ``NotAllowed``, ``RowNotFound``, ``OutOfDate``,
    ``ScheduleTwice``, ``CronNotTaken``, ``NeverDue``, and ``JobRefused`` for parameters that no run would take; those
    that a schedule has are not asked about where it is not enabled.
    """
    job = find_job(facts.job)
    require_for(actor, job.privilege_to_run, EVERYWHERE)
    with transaction.atomic():
        schedule = None if schedule_id is None else locked_schedule(actor, schedule_id)
        before = None if schedule is None else ScheduleFacts.of(schedule)
        given = {name: text for name, text in facts.params.items() if text}
        after = replace(facts, params=given)
        if schedule and before == after:
            return Saved(schedule.pk, schedule.next_at, is_changed=False)
        require_unchanged(before, expected_stamp)
        if before and before.job != after.job:
            raise ChoiceUnknown("job")
        after = replace(after, cron=checked_cron(after.cron))
        schedule = schedule or JobSchedule(institution_id=actor.institution_id, name=job.name)
        if after.is_enabled or before is None or given != before.params:
            params = read_params(job, given, actor.institution_id, at)
            schedule.subject = job.subject(params, actor.institution_id)
        schedule.params, schedule.key = given, stamp_of(given)
        schedule.cron, schedule.is_enabled = after.cron, after.is_enabled
        schedule.updated_by, schedule.updated_at = actor.name, at
        plan(schedule, at, zone_of(actor.institution_id))
        _write(schedule)
        changes = {"before": asdict(before) if before else None, "after": asdict(after)}
        record(CHANGED, actor=actor, at=at, data={"schedule": schedule.pk, **changes})
    return Saved(schedule.pk, schedule.next_at, is_changed=True)


def _write(schedule: JobSchedule) -> None:
    try:
        with transaction.atomic():
            schedule.save()
    except IntegrityError as error:
        raise ScheduleTwice from error
