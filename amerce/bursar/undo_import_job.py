"""The job ``bursar-undo-import``: takes back what an import booked (row D5).

Why line by line: what cannot be taken back any more, because what was paid above a fee was used, stands and is told,
and all others go.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.access.actors import Actor
from amerce.access.privileges import Privilege
from amerce.bursar.export_stages import CHUNK
from amerce.bursar.models import BOOKED, STANDS, BursarImport, BursarPayment
from amerce.bursar.places import plain_name
from amerce.charges.errors import AlreadyCorrected, ChargeError, CreditAlreadyUsed
from amerce.charges.take_back_payments import take_back_payments
from amerce.events.record import record
from amerce.inputs.checks import can_be_seen, typed_ids
from amerce.jobs.job import Job, JobRefused, Level, RunEvent, Step
from amerce.jobs.models import JobRun
from amerce.money.format import format_plain
from amerce.sql import update_all

NAME = "bursar-undo-import"
Outcome, State = BursarPayment.Outcome, BursarImport.State


def _read_params(given: Mapping[str, str], institution_id: int, at: datetime) -> dict[str, Any]:
    ids = typed_ids(given["import"])
    if not BursarImport.objects.filter(institution_id=institution_id, pk__in=ids, state=State.UNDOING).exists():
        raise JobRefused(_("No import %(number)s waits to be undone.") % {"number": given["import"]})
    return {"import": ids[0]}


def _slice(run: JobRun, actor: Actor, at: datetime) -> Step:
    rows = BursarImport.objects.select_for_update(of=("self",)).select_related("profile__institution")
    file = rows.get(institution_id=run.institution_id, pk=run.params["import"])
    if file.state != State.UNDOING:
        return _step(run, [], {}, is_last=True)
    limit = CHUNK[connection.vendor]
    left = _left(file.pk, run.institution_id).filter(position__gt=run.cursor.get("position", 0))
    lines = list(left.order_by("position")[:limit])
    answers = take_back_payments(
        actor=actor,
        at=at,
        institution=file.profile.institution,
        transfer_ids=[line.transfer_id for line in lines if line.transfer_id],
        comment=_comment(file),
        data={"bursar_import": file.pk},
    )
    for line in lines:
        line.outcome = _outcome(answers[line.transfer_id or 0])
    update_all(lines, ("outcome",))
    done = [line for line in lines if line.outcome == Outcome.UNDONE]
    file.undone_count += len(done)
    file.undone_minor += sum(line.applied_minor for line in done)
    file.undone_excess_minor += sum(line.excess_minor for line in done)
    is_last = len(lines) < limit
    if is_last:
        file.state, file.undone_at = State.UNDONE, at
        data = {"import": file.pk, "lines": file.undone_count, "applied": file.undone_minor}
        record("bursar_import.undone", actor=actor, at=at, data=data)
    file.save(update_fields=["state", "undone_at", "undone_count", "undone_minor", "undone_excess_minor"])
    return _step(run, lines, answers, is_last=is_last)


def _left(file_id: int, institution_id: int) -> QuerySet[BursarPayment]:
    """The lines that are booked and were not looked at yet."""
    rows = BursarPayment.objects.filter(BOOKED, institution_id=institution_id, file=file_id)
    return rows.exclude(outcome__in=STANDS)


def _outcome(refusal: ChargeError | None) -> BursarPayment.Outcome:
    """Nobody else takes payments back, so none was taken back before; if one was, it stands no more."""
    if refusal is None or isinstance(refusal, AlreadyCorrected):
        return Outcome.UNDONE
    return Outcome.STANDS_USED if isinstance(refusal, CreditAlreadyUsed) else Outcome.STANDS_MOVED


def _comment(file: BursarImport) -> str:
    name = file.file_name if can_be_seen(file.file_name) else plain_name(file.file_name)
    said = {"file": name, "reason": file.undo_reason}
    return _("Undo of the import of %(file)s: %(reason)s") % said


def _step(
    run: JobRun, lines: Sequence[BursarPayment], answers: Mapping[int, ChargeError | None], *, is_last: bool
) -> Step:
    """``answers`` are by the transfer of each line why it was not taken back now."""
    done = [line for line in lines if answers[line.transfer_id or 0] is None]
    left = [line for line in lines if line.outcome in STANDS]
    return Step(
        cursor={"position": lines[-1].position} if lines else run.cursor,
        counts={
            "looked_at": len(lines),
            "taken_back": len(done),
            "skipped": len(left),
            "total_minor": sum(line.applied_minor for line in done),
        },
        is_last=is_last,
        events=[_told(line) for line in left],
    )


def _told(line: BursarPayment) -> RunEvent:
    data = {
        "line": line.position, "id": line.transaction_id, "fee": line.fee_id, "patron": line.patron_id,
        "amount_minor": line.applied_minor,
    }  # fmt: skip
    return RunEvent(Level.WARNING, f"bursar.payment_{line.outcome}", data)


def _expected(run: JobRun) -> int:
    return _left(run.params["import"], run.institution_id).count()


def _subject(params: Mapping[str, Any], institution_id: int) -> str:
    found = BursarImport.objects.filter(institution_id=institution_id, pk=params["import"]).select_related("profile")
    file = found.first()
    return file.profile.name if file else ""


def _summary(run: JobRun) -> str:
    counts = run.counts
    total = format_plain(counts["total_minor"], run.institution.currency)
    return f"taken_back={counts['taken_back']} total={total} left={counts['skipped']}"


BURSAR_UNDO_IMPORT = Job(
    name=NAME,
    title=gettext_lazy("Undo of an import from bursar"),
    title_with_subject=gettext_lazy("Undo of an Import from Bursar Using Profile %(subject)s"),
    params={"import": gettext_lazy("the number of an import whose undo was asked for")},
    needed=frozenset({"import"}),
    privileges=frozenset({Privilege.FEE_EXPORT}),
    report_is_for=frozenset({Privilege.BURSAR_VIEW, Privilege.FEE_EXPORT}),
    privilege_to_run=Privilege.FEE_EXPORT,
    acts_for_starter=True,
    read_params=_read_params,
    subject=_subject,
    expected=_expected,
    slice=_slice,
    summary=_summary,
    is_cancellable=False,
)
