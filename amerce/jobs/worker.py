"""The worker: takes queued runs and does one slice at a time, until it is told to stop.

Between slices it runs errands (``errand.py``), so that these never wait for a long run.
"""

import logging
from threading import Event

from django.db import connection

from amerce.jobs.claim import claim, release
from amerce.jobs.errand import errands
from amerce.jobs.models import JobRun
from amerce.jobs.runner import Clock, RunLost, pause_between_slices, run_slice
from amerce.jobs.transient import is_transient

IDLE_S = 1.0
"""How long a worker with nothing to do waits before it looks again."""
_LONGEST_WAIT_S = 30.0
_log = logging.getLogger(__name__)


def work(*, worker: str, clock: Clock, stop: Event, idle_s: float = IDLE_S) -> None:
    """Work until ``stop`` is set, which is looked at after every slice.

    A database that is locked, restarts or goes away is waited for. Other workers may run at the same time.
    """
    failures = 0
    while not stop.is_set():
        try:
            was_out = run_errands(clock=clock)
            is_idle = work_once(worker=worker, clock=clock) is None and not was_out
            failures = 0
        except Exception as error:
            if not is_transient(error):
                raise
            failures += 1
            _log.warning("the database is not ready, trying again: %s", str(error).strip())
            connection.close()
            stop.wait(min(idle_s * 2**failures, _LONGEST_WAIT_S))
            continue
        if is_idle:
            stop.wait(idle_s)
    release(worker=worker, now=clock())


def work_once(*, worker: str, clock: Clock) -> JobRun | None:
    """Do one slice of one run; None when there was nothing to do."""
    run = claim(worker=worker, now=clock())
    if run is None:
        return None
    try:
        run = run_slice(run, worker=worker, clock=clock)
    except RunLost:
        _log.warning("run %s went to another worker", run.pk)
    pause_between_slices()
    return run


def run_errands(*, clock: Clock) -> bool:
    """Run each errand once; says whether any of them had something to do.

    One that raises is logged and the others go on. Raises what goes away by itself (``is_transient``).
    """
    was_out = False
    for errand in errands():
        try:
            was_out |= errand(now=clock())
        except Exception as error:
            if is_transient(error):
                raise
            _log.exception("an errand failed: %s", errand)
    return was_out
