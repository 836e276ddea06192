"""Reading runs and schedules: what "Monitor Jobs" and ``amerce job list`` show."""

from django.db.models import F, QuerySet

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import NotAllowed, can, can_for, require, require_for
from amerce.access.privileges import Privilege
from amerce.inputs.checks import possible_ids
from amerce.inputs.errors import RowNotFound
from amerce.jobs.models import JobRun, JobSchedule, RunEventRow
from amerce.jobs.registry import find_job, jobs

OPEN = (JobRun.State.QUEUED, JobRun.State.RUNNING)
ENDED = (JobRun.State.DONE, JobRun.State.FAILED, JobRun.State.CANCELLED)


def runs_of(institution_id: int) -> QuerySet[JobRun]:
    """Every run in the institution, newest first."""
    return JobRun.objects.filter(institution_id=institution_id).order_by("-pk")


def last_run(institution_id: int, name: str) -> JobRun | None:
    """The newest run of one job in the institution."""
    return runs_of(institution_id).filter(name=name).first()


def going_on(actor: Actor) -> QuerySet[JobRun]:
    """The runs that wait or go on, those that go on first. Raises ``NotAllowed``."""
    require(actor, Privilege.JOB_VIEW)
    open_runs = JobRun.objects.filter(institution_id=actor.institution_id, state__in=OPEN)
    return open_runs.order_by("-state", "pk")


def history(actor: Actor, *, name: str = "", state: str = "", before_id: int | None = None) -> QuerySet[JobRun]:
    """The runs that have ended, newest first: of one job, in one state, older than a run. Raises ``NotAllowed``."""
    require(actor, Privilege.JOB_VIEW)
    ended = JobRun.objects.filter(institution_id=actor.institution_id).order_by("-pk")
    ended = ended.filter(state=state) if state in ENDED else ended.exclude(state__in=OPEN)
    if name:
        ended = ended.filter(name=name)
    if before_id is not None:
        ended = ended.filter(pk__lt=before_id) if possible_ids([before_id]) else ended.none()
    return ended


def schedules(actor: Actor) -> QuerySet[JobSchedule]:
    """Every schedule with its last run, what is due next first. Raises ``NotAllowed`` but to who sees or runs jobs."""
    if not can(actor, Privilege.JOB_RUN):
        require(actor, Privilege.JOB_VIEW)
    mine = JobSchedule.objects.filter(institution_id=actor.institution_id).select_related("last_run")
    return mine.order_by("-is_enabled", F("next_at").asc(nulls_first=True), "pk")


def get_schedule(actor: Actor, schedule_id: int) -> JobSchedule:
    """One schedule, for who may run its job. Raises ``NotAllowed``, ``RowNotFound``."""
    mine = JobSchedule.objects.filter(institution_id=actor.institution_id, pk__in=possible_ids([schedule_id]))
    found = mine.first()
    if found is None:
        raise RowNotFound(schedule_id)
    require_for(actor, find_job(found.name).privilege_to_run, EVERYWHERE)
    return found


def get_run(actor: Actor, run_id: int) -> JobRun:
    """One run of the institution. Raises ``NotAllowed``, ``RowNotFound``."""
    require(actor, Privilege.JOB_VIEW)
    mine = JobRun.objects.filter(institution_id=actor.institution_id, pk__in=possible_ids([run_id]))
    found = mine.select_related("institution", "library", "desk").first()
    if found is None:
        raise RowNotFound(run_id)
    return found


def report_is_for(run: JobRun) -> frozenset[Privilege]:
    """One of these is needed, beside seeing jobs, to read what ``run`` tells; nothing for a report on no patron.

    Nobody knows any more what a job that is gone told of.
    """
    job = jobs().get(run.name)
    return job.report_is_for if job else frozenset({Privilege.EVENT_VIEW})


def may_read_report(actor: Actor, run: JobRun) -> bool:
    """Whether ``actor`` may read the report of a run that was found by ``get_run``."""
    asked = report_is_for(run)
    return not asked or any(can_for(actor, each, EVERYWHERE) for each in asked)


def report_of(actor: Actor, run: JobRun, level: str = "") -> QuerySet[RunEventRow]:
    """What a run that was found by ``get_run`` has to tell, in the order it happened; of one ``level`` or of all.

    Raises ``NotAllowed`` to who may see jobs and not the patrons it tells of.
    """
    if not may_read_report(actor, run):
        raise NotAllowed(actor, min(report_is_for(run)))
    told = RunEventRow.objects.filter(institution_id=run.institution_id, run=run).order_by("number")
    return told.filter(level=level) if level else told
