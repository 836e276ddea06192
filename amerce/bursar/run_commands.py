"""What a clerk does to a run: acknowledge it, fetch its file, have it undone (row D1)."""

from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import QuerySet

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.bursar import export_stages as stages
from amerce.bursar.errors import RunStateForbids
from amerce.bursar.models import BursarRun
from amerce.bursar.undo_job import NAME as UNDO
from amerce.events.record import record
from amerce.inputs.checks import possible_ids
from amerce.inputs.errors import RowNotFound
from amerce.jobs.enqueue import Queued, enqueue_once
from amerce.jobs.models import JobRun
from amerce.jobs.queries import ENDED

State = BursarRun.State
UNDOABLE = frozenset({State.SELECTING, State.POSTING, State.MAKING, State.MADE})
"""Before the bursar can have the file."""
ACKNOWLEDGEABLE = frozenset({State.DELIVERING, State.DELIVERED})
"""From when the bursar may have the file: of a delivery whose end nobody knows, the bursar can be asked."""
WITH_FILE = frozenset({State.MADE, State.DELIVERING, State.DELIVERED, State.ACKNOWLEDGED})


def acknowledge(*, actor: Actor, at: datetime, run_id: int) -> None:
    """Say that the bursar has taken the file, which also ends a delivery without an answer.

    Raises ``NotAllowed``, ``RowNotFound``, ``RunStateForbids``.
    """
    require_for(actor, Privilege.FEE_EXPORT, EVERYWHERE)
    with transaction.atomic():
        run = _locked(actor, run_id)
        if run.state == State.ACKNOWLEDGED:
            return
        if run.state not in ACKNOWLEDGEABLE:
            raise RunStateForbids(run.number, run.state)
        mark_acknowledged(run, actor, at, by=actor.name)


def mark_acknowledged(run: BursarRun, actor: Actor, at: datetime, *, by: str) -> None:
    """Called with the run locked, by a clerk's command or by a file of payments that names its number."""
    run.state, run.acknowledged_at, run.acknowledged_by = State.ACKNOWLEDGED, at, by[:150]
    run.save(update_fields=["state", "acknowledged_at", "acknowledged_by"])
    record("bursar_file.acknowledged", actor=actor, at=at, data={"export": run.number})


def fetch_file(*, actor: Actor, at: datetime, run_id: int) -> Path:
    """The file of a run, to be downloaded; of a profile that only downloads, the first time delivers it.

    A file that is gone is made again, before anything is locked. Raises ``NotAllowed``, ``RowNotFound``,
    ``RunStateForbids``, and ``FileGone`` when the bytes would not be the same.
    """
    require_for(actor, Privilege.BURSAR_VIEW, EVERYWHERE)
    path = stages.sealed_file(_with_file(_found(_runs(actor), run_id)))
    with transaction.atomic():
        run = _with_file(_locked(actor, run_id))
        record("bursar_file.downloaded", actor=actor, at=at, data={"export": run.number})
        if stages.awaits_download(run):
            require_for(actor, Privilege.FEE_EXPORT, EVERYWHERE)
            stages.end_delivery(run, "download", actor, at)
    return path


def begin_undo(*, actor: Actor, at: datetime, run_id: int, form_key: str = "") -> Queued:
    """Keep a run from being delivered, and queue the job that takes back what it exported; asked again, answer that.

    One that failed or was cancelled is followed by another. Raises ``NotAllowed``, ``RowNotFound``, ``KeyReused``, and
    ``RunStateForbids`` once the bursar may have the file.
    """
    require_for(actor, Privilege.FEE_EXPORT, EVERYWHERE)
    with transaction.atomic():
        run = _locked(actor, run_id)
        if run.state not in UNDOABLE | {State.UNDOING}:
            raise RunStateForbids(run.number, run.state)
        if begun := _open_undos(run).first():
            return Queued(begun, replayed=True)
        if run.state != State.UNDOING:
            run.state, run.undone_by = State.UNDOING, actor.name
            run.save(update_fields=["state", "undone_by"])
            record("bursar_run.undo_begun", actor=actor, at=at, data={"export": run.number})
        return enqueue_once(actor=actor, at=at, name=UNDO, given={"export": str(run.number)}, form_key=form_key)


def is_undoable(run: BursarRun) -> bool:
    """Whether ``begin_undo`` would queue a job now."""
    return run.state in UNDOABLE or (run.state == State.UNDOING and not _open_undos(run).exists())


def _open_undos(run: BursarRun) -> QuerySet[JobRun]:
    mine = JobRun.objects.filter(institution_id=run.institution_id, name=UNDO).exclude(state__in=ENDED)
    return mine.filter(params__export=run.number)


def _with_file(run: BursarRun) -> BursarRun:
    if run.state not in WITH_FILE:
        raise RunStateForbids(run.number, run.state)
    return run


def _locked(actor: Actor, run_id: int) -> BursarRun:
    return _found(_runs(actor).select_for_update(of=("self",)), run_id)


def _runs(actor: Actor) -> QuerySet[BursarRun]:
    return BursarRun.objects.filter(institution_id=actor.institution_id).select_related("profile__institution")


def _found(runs: QuerySet[BursarRun], run_id: int) -> BursarRun:
    found = runs.filter(pk__in=possible_ids([run_id])).first()
    if found is None:
        raise RowNotFound(run_id)
    return found
