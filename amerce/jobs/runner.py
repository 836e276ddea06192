"""Doing runs, slice by slice.

Why slices: the cursor moves in the transaction of the slice's effect, so a run cut off anywhere goes on without
doing anything twice, and nothing waits long for a lock.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction

from amerce.access.actors import EVERYWHERE, Actor, Place, system_actor
from amerce.events.record import record
from amerce.jobs.claim import LEASE
from amerce.jobs.errors import JobRefused, in_a_sentence
from amerce.jobs.heartbeat import beating
from amerce.jobs.job import Job, Step
from amerce.jobs.models import JobRun
from amerce.jobs.registry import find_job
from amerce.jobs.report import COUNTED, tell
from amerce.jobs.transient import is_transient
from amerce.jobs.trust import require_trusted
from amerce.sql import Select, update

Clock = Callable[[], datetime]
SQLITE_PAUSE_S = 0.02
"""SQLite's busy wait is unfair: without a pause between slices a desk could wait for long."""
_RETRIES = 8
_FIRST_RETRY_S = 0.05
_MOVES = ("expected", "cursor", "counts", "lease_until", "state", "ended_at", *COUNTED)
_log = logging.getLogger(__name__)


class RunLost(Exception):
    """Another worker holds the run now: this one was silent for longer than its lease."""


def run_slice(run: JobRun, *, worker: str, clock: Clock) -> JobRun:
    """Do the next slice of a run that ``worker`` holds, and answer the run as it stands since.

    A slice that raises has done nothing, and ends the run as failed with a sentence. Raises ``RunLost``, and the
    database's own error for what goes away by itself (``is_transient``).
    """
    try:
        return _do_slice(run.pk, worker, clock)
    except RunLost:
        raise
    except Exception as error:
        if is_transient(error):
            raise
        if not isinstance(error, JobRefused):
            _log.exception("run %s of %s failed", run.pk, run.name)
        return _fail(run.pk, worker, clock, in_a_sentence(error))


def run_to_end(
    run: JobRun, *, worker: str, clock: Clock, on_progress: Callable[[JobRun], None] = lambda run: None
) -> JobRun:
    """Do slice after slice of a run that ``worker`` holds until it is done, failed or cancelled.

    What goes away by itself is tried again, longer and longer apart; raises it when it does not, and ``RunLost``.
    """
    failures = 0
    while run.state == JobRun.State.RUNNING:
        try:
            run = run_slice(run, worker=worker, clock=clock)
        except Exception as error:
            failures += 1
            if not is_transient(error) or failures > _RETRIES:
                raise
            if not connection.in_atomic_block:
                connection.close()
            time.sleep(_FIRST_RETRY_S * 2**failures)
            continue
        failures = 0
        on_progress(run)
        pause_between_slices()
    return run


def pause_between_slices() -> None:
    """Let others write."""
    if connection.vendor == "sqlite":
        time.sleep(SQLITE_PAUSE_S)


def _do_slice(run_id: int, worker: str, clock: Clock) -> JobRun:
    expected, done = _looked_up(run_id, worker, clock)
    with transaction.atomic():
        run = _held(run_id, worker)
        if run.state == JobRun.State.CANCELLED:
            return run
        job = find_job(run.name)
        if done is None:
            require_trusted(run, job)
        actor = _actor(run, job)
        run.expected = expected
        step = done or job.slice(run, actor, clock())
        run.expected += step.more_expected
        run.cursor = dict(step.cursor)
        run.counts = {**run.counts, **{each: run.counts.get(each, 0) + n for each, n in step.counts.items()}}
        tell(run, step.events, at=clock())
        run.lease_until = clock() + LEASE
        if step.is_last:
            run.state, run.ended_at = JobRun.State.DONE, clock()
            record("job.done", actor=actor, at=run.ended_at, data={"run": run.pk, "job": run.name, **run.counts})
        update(run, _MOVES)
        return run


def _looked_up(run_id: int, worker: str, clock: Clock) -> tuple[int, Step | None]:
    """What takes long and needs no lock: how much there is to do, counted once, and a slice of a job that only reads;
    None for all others.
    """
    (run,) = _RUN.rows(run_id)
    job = find_job(run.name)
    if run.expected is not None and not job.reads_next(run):
        return run.expected, None
    require_trusted(run, job)
    with beating(run_id, worker=worker, clock=clock):
        expected = job.expected(run) if run.expected is None else run.expected
        return expected, job.slice(run, _actor(run, job), clock()) if job.reads_next(run) else None


def _fail(run_id: int, worker: str, clock: Clock, sentence: str) -> JobRun:
    with transaction.atomic():
        run = _held(run_id, worker)
        if run.state == JobRun.State.CANCELLED:
            return run
        run.state, run.ended_at, run.error = JobRun.State.FAILED, clock(), sentence
        run.save(update_fields=["state", "ended_at", "error"])
        actor = system_actor(run.institution_id, f"job {run.name}")
        record("job.failed", actor=actor, at=run.ended_at, data={"run": run.pk, "job": run.name})
        return run


def _held(run_id: int, worker: str) -> JobRun:
    """The run, locked, running or cancelled meanwhile. Raises ``RunLost`` unless ``worker`` still holds it."""
    (run,) = _LOCKED.rows(run_id)
    if run.state not in (JobRun.State.RUNNING, JobRun.State.CANCELLED) or run.worker != worker:
        raise RunLost(run_id)
    return run


def _actor(run: JobRun, job: Job) -> Actor:
    """Who acts in a slice: for the ceiling of a role it is the job's matter to ask when the run is queued."""
    if job.acts_for_starter and (run.starter_id or run.is_of_program):
        place = Place(run.library_id, run.desk_id) if run.library_id else None
        grants = {each: frozenset({EVERYWHERE}) for each in job.privileges}
        who = run.starter_id, run.institution_id, run.started_by
        return Actor(*who, place, grants, is_application=run.is_of_program, key_id=run.api_key_id)
    return system_actor(run.institution_id, f"job {job.name}", *job.privileges)


_RELATED = ("institution", "starter", "api_key")
_RUN = Select(lambda run_id: JobRun.objects.select_related(*_RELATED).filter(pk=run_id))
_LOCKED = Select(
    lambda run_id: JobRun.objects.select_for_update(of=("self",)).select_related(*_RELATED).filter(pk=run_id)
)
