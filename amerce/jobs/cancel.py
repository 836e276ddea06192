"""Cancelling a run: one that waits never begins, one that goes on stops after the slice that is being done."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.events.record import record
from amerce.inputs.checks import possible_ids
from amerce.inputs.errors import RowNotFound
from amerce.jobs.errors import NotCancellable, RunEnded
from amerce.jobs.models import JobRun
from amerce.jobs.registry import find_job


@dataclass(frozen=True)
class Cancelled:
    """``looked_at`` is how far the run had come, of ``expected`` things, None if it had not begun."""

    run_id: int
    looked_at: int
    expected: int | None


def cancel_run(*, actor: Actor, at: datetime, run_id: int) -> Cancelled:
    """End a run of the actor's institution for good. What its finished slices did stays done.

    A slice holds the run's lock, so a run that goes on is cancelled between two of them. One that is cancelled already
    answers the same. Raises ``NotAllowed``, ``RowNotFound``, ``RunEnded`` and ``NotCancellable``.
    """
    mine = JobRun.objects.filter(institution_id=actor.institution_id, pk__in=possible_ids([run_id]))
    name = mine.values_list("name", flat=True).first()
    if name is None:
        raise RowNotFound(run_id)
    job = find_job(name)
    require_for(actor, job.privilege_to_run, EVERYWHERE)
    with transaction.atomic():
        run = mine.select_for_update(of=("self",)).get()
        if run.state == JobRun.State.CANCELLED:
            return _outcome(run)
        if run.has_ended:
            raise RunEnded(run.pk, run.state)
        if run.state == JobRun.State.RUNNING and not job.is_cancellable:
            raise NotCancellable(run.pk, name)
        run.state, run.ended_at, run.cancelled_by = JobRun.State.CANCELLED, at, actor.name
        run.save(update_fields=["state", "ended_at", "cancelled_by"])
        record("job.cancelled", actor=actor, at=at, data={"run": run.pk, "job": name, **run.counts})
    return _outcome(run)


def _outcome(run: JobRun) -> Cancelled:
    return Cancelled(run.pk, run.counts.get("looked_at", 0), run.expected)
