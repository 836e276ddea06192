"""Asking that an import be undone, and what that would do (row D5): the job ``undo_import_job.py`` does it."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.bursar.errors import ImportStateForbids
from amerce.bursar.import_params import NAME as IMPORT
from amerce.bursar.models import BOOKED, BursarImport, BursarPayment
from amerce.bursar.undo_import_job import NAME
from amerce.charges.models import Fee
from amerce.events.record import record
from amerce.inputs.checks import checked_text, possible_ids
from amerce.inputs.errors import NameMissing, RowNotFound
from amerce.jobs.enqueue import Queued, enqueue_once
from amerce.jobs.models import JobRun
from amerce.jobs.queries import ENDED
from amerce.ledger.chart import CREDIT, Kind
from amerce.ledger.models import Transfer

REASON_LIMIT = 500
State = BursarImport.State


@dataclass(frozen=True)
class WouldUndo:
    """What an undo would take back now, in lines, users and minor units: ``applied_minor`` of the fees, and
    ``excess_minor`` of what was paid above them. ``stands_count`` lines of ``stands_minor`` could not be.
    """

    count: int
    users_count: int
    applied_minor: int
    excess_minor: int
    stands_count: int
    stands_minor: int


def begin_undo_import(*, actor: Actor, at: datetime, import_id: int, reason: str, form_key: str = "") -> Queued:
    """Keep that the import is to be undone and why, and queue the job that does it; asked again, answer that.

    One that failed is followed by another, which goes on with what is left, for the first reason. Raises
    ``NotAllowed``, ``RowNotFound``, ``ImportStateForbids`` unless the file was booked, in part if its run failed;
    ``NameMissing``, ``TextTooLong`` and ``TextMalformed`` for the reason; ``KeyReused``.
    """
    require_for(actor, Privilege.FEE_EXPORT, EVERYWHERE)
    with transaction.atomic():
        mine = BursarImport.objects.filter(institution_id=actor.institution_id, pk__in=possible_ids([import_id]))
        file = mine.select_for_update(of=("self",)).select_related("profile").first()
        if file is None:
            raise RowNotFound(import_id)
        if begun := _open_undos(file).first():
            return Queued(begun, replayed=True)
        if not is_import_undoable(file):
            raise ImportStateForbids(file.file_name, file.state)
        if file.state != State.UNDOING:
            file.undo_reason = _checked_reason(reason)
            file.state, file.undo_asked_at, file.undone_by = State.UNDOING, at, actor.name
            file.save(update_fields=["state", "undo_reason", "undo_asked_at", "undone_by"])
            data = {"import": file.pk, "reason": file.undo_reason}
            record("bursar_import.undo_begun", actor=actor, at=at, data=data)
        return enqueue_once(actor=actor, at=at, name=NAME, given={"import": str(file.pk)}, form_key=form_key)


def is_import_undoable(file: BursarImport) -> bool:
    """Whether ``begin_undo_import`` would queue a job now. One query, but for a file that was booked whole."""
    if file.state == State.POSTING:
        return not _imports_under_way(file).exists()
    return file.state == State.DONE or (file.state == State.UNDOING and not _open_undos(file).exists())


def last_undo(file: BursarImport) -> JobRun | None:
    """The newest job that undoes the import, ended or not."""
    return _undos(file).order_by("-pk").first()


def would_undo(actor: Actor, file: BursarImport) -> WouldUndo:
    """What an undo of the import would do now. Two queries."""
    require_for(actor, Privilege.BURSAR_VIEW, EVERYWHERE)
    rows = BursarPayment.objects.filter(BOOKED, institution_id=actor.institution_id, file=file)
    used = Q(excess_minor__gt=0) & Q(_excess_was_used())
    goes = rows.filter(~used).aggregate(
        count=Count("pk"),
        users=Count("patron", distinct=True),
        applied=Sum("applied_minor", default=0),
        excess=Sum("excess_minor", default=0),
    )
    stands = rows.filter(used).aggregate(count=Count("pk"), applied=Sum("applied_minor", default=0))
    return WouldUndo(
        count=goes["count"],
        users_count=goes["users"],
        applied_minor=goes["applied"],
        excess_minor=goes["excess"],
        stands_count=stands["count"],
        stands_minor=stands["applied"],
    )


def _excess_was_used() -> Exists:
    """Whether the CREDIT of what was paid above a fee, written right behind the payment, is not as it was given."""
    behind = Transfer.objects.filter(
        account=OuterRef("transfer__account"),
        seq=OuterRef("transfer__seq") + 1,
        kind=Kind.PAYMENT_RECEIVED,
        credit=CREDIT,
    )
    return Exists(behind.exclude(fee__status=Fee.Status.ACTIVE, fee__remaining_minor=-F("amount_minor")))


def _checked_reason(reason: str) -> str:
    said = reason.strip()
    if not said:
        raise NameMissing("reason")
    return checked_text("reason", said, REASON_LIMIT)


def _open_undos(file: BursarImport) -> QuerySet[JobRun]:
    return _undos(file).exclude(state__in=ENDED)


def _undos(file: BursarImport) -> QuerySet[JobRun]:
    return JobRun.objects.filter(institution_id=file.institution_id, name=NAME, params__import=file.pk)


def _imports_under_way(file: BursarImport) -> QuerySet[JobRun]:
    """Imports of its profile that have not ended: each may be booking the file, also one that goes on with it."""
    going = JobRun.objects.filter(institution_id=file.institution_id, name=IMPORT).exclude(state__in=ENDED)
    return going.filter(params__profile=file.profile.code)
