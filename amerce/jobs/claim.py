"""Taking a run to work on, so that exactly one worker holds it.

Why leases: a worker that is killed cannot say so. Its run is free again when the lease has passed, or at once
when its process is seen to be gone on this machine. Taking a run too early does no harm: a slice is written
only by the worker that still holds the run when it commits.
"""

import os
import secrets
import socket
from datetime import datetime, timedelta
from pathlib import Path

from django.db import IntegrityError, connection, transaction
from django.db.models import DateTimeField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from amerce.jobs.models import JobRun

LEASE = timedelta(seconds=60)
"""How long a worker may be silent. Every slice renews it, and a slice takes a second or two."""
_SEPARATOR = ":"


def new_worker() -> str:
    """A name for this worker: machine, process, and a token against a process number used again."""
    return _SEPARATOR.join((socket.gethostname()[:60], str(os.getpid()), secrets.token_hex(4)))


def claim(*, worker: str, now: datetime) -> JobRun | None:
    """The run that ``worker`` should do a slice of now, held by it from here on; None when there is nothing.

    New runs come first, then those that have waited longest for their next slice, so a short run never waits
    behind a long one. Of one job only one run at a time goes on in an institution.
    """
    for run_id in list(_free(worker, now).values_list("pk", flat=True)[:20]):
        if run := claim_run(run_id, worker=worker, now=now):
            return run
    return None


def claim_run(run_id: int, *, worker: str, now: datetime) -> JobRun | None:
    """That run, held by ``worker`` from here on; None when another worker has it or one of its kind goes on."""
    mine = JobRun.objects.filter(pk=run_id, state=JobRun.State.RUNNING, worker=worker).first()
    if mine:
        return mine
    free = _free(worker, now).filter(pk=run_id).order_by()
    try:
        with transaction.atomic():
            can_skip = connection.features.has_select_for_update_skip_locked  # on SQLite the UPDATE alone decides
            if can_skip and not list(free.select_for_update(skip_locked=True, of=("self",))):
                return None
            taken = free.update(
                state=JobRun.State.RUNNING,
                worker=worker,
                lease_until=now + LEASE,
                started_at=Coalesce("started_at", Value(now, output_field=DateTimeField())),
            )
    except IntegrityError:  # somebody began another run of the same job in this very moment
        return None
    return JobRun.objects.get(pk=run_id) if taken else None


def release(*, worker: str, now: datetime) -> None:
    """Let go of everything ``worker`` holds, so that the next one need not wait for the lease."""
    JobRun.objects.filter(state=JobRun.State.RUNNING, worker=worker).update(lease_until=now - LEASE)


def held_elsewhere(institution_id: int, name: str, *, worker: str, now: datetime) -> JobRun | None:
    """The run of that job in the institution that another, living worker holds now."""
    running = JobRun.objects.filter(institution_id=institution_id, name=name, state=JobRun.State.RUNNING)
    return running.exclude(pk__in=_free(worker, now).values("pk")).first()


def _free(worker: str, now: datetime) -> QuerySet[JobRun]:
    running = Q(state=JobRun.State.RUNNING)
    theirs_no_more = Q(worker=worker) | Q(lease_until__lt=now) | Q(worker__in=_gone_workers())
    same_kind = JobRun.objects.filter(running, institution_id=OuterRef("institution_id"), name=OuterRef("name"))
    free = (Q(state=JobRun.State.QUEUED) & ~Exists(same_kind)) | (running & theirs_no_more)
    return JobRun.objects.filter(free).order_by(F("lease_until").asc(nulls_first=True), "pk")


def _gone_workers() -> list[str]:
    """Workers of this machine that hold a run although their process is no more."""
    here = socket.gethostname()[:60] + _SEPARATOR
    held = JobRun.objects.filter(state=JobRun.State.RUNNING, worker__startswith=here)
    return [each for each in held.values_list("worker", flat=True) if not _lives(each)]


def _lives(worker: str) -> bool:
    pid = worker.split(_SEPARATOR)[1]
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, ValueError, OverflowError):
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: str) -> bool:
    """Whether the process has ended and its parent has not noticed, as happens in containers."""
    try:
        after_name = Path("/proc", pid, "stat").read_text().rpartition(")")[2]
    except OSError:  # not Linux, or gone in this moment: the lease decides
        return False
    return after_name.split()[0] in ("Z", "X")
