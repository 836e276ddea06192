"""The worker: takes queued runs and does one slice at a time, until it is told to stop, and runs errands beside them.

Why errands (``errand.py``) have a thread of their own: a slice that makes a file, or takes it to another server, reads
for long, and schedules, events, letters and messages would wait for it.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
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
    """Work until ``stop`` is set, which is looked at after every slice and every round of errands.

    A database that is locked, restarts or goes away is waited for. Other workers may run at the same time.
    """
    with ThreadPoolExecutor(1, "errands") as threads:
        beside = threads.submit(_run_errands_until, stop, clock, idle_s)
        beside.add_done_callback(lambda _ended: stop.set())  # whatever it ended by
        try:
            _repeat(lambda: work_once(worker=worker, clock=clock) is not None, stop, idle_s)
        finally:
            stop.set()
            release(worker=worker, now=clock())  # before an errand ends, which may wait for another server
    beside.result()


def _run_errands_until(stop: Event, clock: Clock, idle_s: float) -> None:
    def round_of_errands() -> bool:
        was_out = run_errands(clock=clock)
        if was_out:
            pause_between_slices()
        return was_out

    try:
        _repeat(round_of_errands, stop, idle_s)
    finally:
        connection.close()  # that of this thread


def _repeat(do: Callable[[], bool], stop: Event, idle_s: float) -> None:
    """``do`` it until ``stop`` is set, at once again when there was something to do."""
    failures = 0
    while not stop.is_set():
        try:
            is_idle = not do()
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
