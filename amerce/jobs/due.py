"""The errand that begins what schedules are due, exactly once however many workers look.

Why the next time is worked out from now and not from the time that was due: what was missed while no worker ran begins
once, not as often as it was missed.
"""

from datetime import datetime, tzinfo

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from amerce.access.actors import Actor, system_actor
from amerce.events.record import record
from amerce.jobs.enqueue import queue_run, read_params
from amerce.jobs.errors import in_a_sentence
from amerce.jobs.models import JobRun, JobSchedule
from amerce.jobs.registry import find_job
from amerce.jobs.schedule_facts import plan
from amerce.jobs.transient import is_transient

SCHEDULE = "schedule"
"""Who started a run that a schedule began."""
_CANDIDATES = 20


def begin_due(*, now: datetime) -> bool:
    """Queue a run of one schedule that is due, or work out when one is due for the first time. False for none."""
    candidates = list(_due(now).values_list("pk", flat=True)[:_CANDIDATES])
    return any(_taken(each, now) for each in candidates)


def plan_anew(institution_id: int, *, at: datetime, zone: tzinfo) -> None:
    """Work out when each schedule of the institution is due next, since its clocks were changed."""
    mine = JobSchedule.objects.filter(institution_id=institution_id, is_enabled=True)
    for schedule in mine.select_for_update(of=("self",)).order_by("pk"):
        plan(schedule, at, zone)
        schedule.save(update_fields=["next_at"])


def _due(now: datetime) -> QuerySet[JobSchedule]:
    enabled = JobSchedule.objects.filter(Q(next_at=None) | Q(next_at__lte=now), is_enabled=True)
    return enabled.order_by(F("next_at").asc(nulls_first=True), "pk")


def _taken(schedule_id: int, now: datetime) -> bool:
    with transaction.atomic():
        can_skip = connection.features.has_select_for_update_skip_locked
        free = _due(now).filter(pk=schedule_id).select_related("institution")
        schedule = free.select_for_update(of=("self",), skip_locked=can_skip).first()
        if schedule is None:
            return False
        is_due = schedule.next_at is not None
        plan(schedule, now, schedule.institution.zone)
        if is_due:
            _begin(schedule, now)
        schedule.save(update_fields=["next_at", "last_run", "subject"])
    return True


def _begin(schedule: JobSchedule, now: datetime) -> None:
    """Queue the run, unless the one before it, or of some jobs any of the same, has not ended: what is late does not
    pile up.

    A fault is kept as a failed run and not raised, since the schedule would be tried for ever before all others.
    """
    actor = system_actor(schedule.institution_id, SCHEDULE)
    last = schedule.last_run
    if last and not last.has_ended:
        _skip(schedule, last, actor, now)
        return
    try:
        with transaction.atomic():
            job = find_job(schedule.name)
            params = read_params(job, schedule.params, schedule.institution_id, now)
            queued = queue_run(job, schedule.params, params, actor=actor, at=now, schedule=schedule)
            run = queued.run
            if queued.replayed:  # somebody asked for the same by hand
                _skip(schedule, run, actor, now)
                return
    except Exception as error:
        if is_transient(error):
            raise
        run = _refused(schedule, now, in_a_sentence(error))
        record("job.failed", actor=actor, at=now, data={"run": run.pk, "job": schedule.name})
    schedule.last_run, schedule.subject = run, run.subject


def _skip(schedule: JobSchedule, going: JobRun, actor: Actor, now: datetime) -> None:
    data = {"schedule": schedule.pk, "job": schedule.name, "run": going.pk}
    record("job_schedule.skipped", actor=actor, at=now, data=data)


def _refused(schedule: JobSchedule, now: datetime, sentence: str) -> JobRun:
    """A run that never began, so that whoever looks at the history sees why."""
    return JobRun.objects.create(
        institution_id=schedule.institution_id,
        name=schedule.name,
        subject=schedule.subject,
        given=schedule.params,
        state=JobRun.State.FAILED,
        error=sentence,
        queued_at=now,
        ended_at=now,
        started_by=SCHEDULE,
        schedule=schedule,
    )
