"""Saying that a worker lives while it reads for long.

Why a thread: what reads is somebody else's loop, and a lease that only every slice renews would pass in it, so that
another worker began the same from the start.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event, Thread

from django.db import DatabaseError, connection

from amerce.jobs.claim import LEASE
from amerce.jobs.models import JobRun

BEAT_S = LEASE.total_seconds() / 4
_log = logging.getLogger(__name__)


@contextmanager
def beating(run_id: int, *, worker: str, clock: Callable[[], datetime], every_s: float = BEAT_S) -> Iterator[None]:
    """Renew the lease that ``worker`` has on the run, again and again until the block ends."""
    is_over = Event()
    thread = Thread(target=_beat, args=(run_id, worker, clock, is_over, every_s), name=f"run {run_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _beat(run_id: int, worker: str, clock: Callable[[], datetime], is_over: Event, every_s: float) -> None:
    try:
        while not is_over.wait(every_s):
            held = JobRun.objects.filter(pk=run_id, state=JobRun.State.RUNNING, worker=worker)
            try:
                held.update(lease_until=clock() + LEASE)
            except DatabaseError:  # locked for long, or gone: the next beat tries again
                _log.warning("the lease of run %s could not be renewed", run_id, exc_info=True)
                connection.close()
    finally:
        connection.close()
