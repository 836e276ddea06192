"""Running jobs in tests."""

from datetime import datetime

from amerce.access.actors import system_actor
from amerce.access.privileges import Privilege
from amerce.jobs.claim import claim_run
from amerce.jobs.enqueue import enqueue
from amerce.jobs.models import JobRun
from amerce.jobs.registry import find_job
from amerce.jobs.runner import run_to_end
from tests.world import NOON, Library


def queue(library: Library, name: str, at: datetime = NOON, **given: str) -> JobRun:
    actor = system_actor(library.institution.pk, "tests", Privilege.JOB_RUN, find_job(name).privilege_to_run)
    return enqueue(actor=actor, at=at, name=name, given=given)


def run(library: Library, name: str, at: datetime = NOON, **given: str) -> JobRun:
    """The run, ended, with the clock standing still at ``at``."""
    return finish(queue(library, name, at, **given), at)


def finish(queued: JobRun, at: datetime = NOON) -> JobRun:
    """A queued run, ended, with the clock standing still at ``at``."""
    taken = claim_run(queued.pk, worker="tests", now=at)
    assert taken is not None
    return run_to_end(taken, worker="tests", clock=lambda: at)
