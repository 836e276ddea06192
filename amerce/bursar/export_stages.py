"""The stages of an export, each a bounded piece that can be done again after a crash (``rules.md``, "Bursar").

Select → export in chunks → make the file from what was exported → check its totals against the ledger → deliver. Why in
this order: a file that holds a fee the ledger does not have, or the other way round, is what goes wrong elsewhere.
"""

import hashlib
from datetime import datetime
from pathlib import Path

from django.db import connection
from django.db.models import BigIntegerField, Case, Count, F, Q, QuerySet, Sum, When

from amerce.access.actors import Actor
from amerce.bursar.errors import FileGone
from amerce.bursar.models import BursarLine, BursarProfile, BursarRun
from amerce.bursar.places import kept
from amerce.bursar.selection import BELOW, CHANGED, NO_IDENTIFIER, candidates, spans, still_wanted
from amerce.bursar.write_file import Written, file_name, write_file
from amerce.charges.export_fees import export_fees
from amerce.charges.models import Fee
from amerce.events.record import record
from amerce.jobs.job import Level, RunEvent
from amerce.ledger.chart import CREDIT
from amerce.sql import fresh, insert, update_all

CHUNK = {"sqlite": 80, "postgresql": 150}
"""How many fees one transaction exports, or books as paid. A desk waits as long for one of its patrons, on SQLite for
all."""
_SELECTED_AT_ONCE = 500
State = BursarRun.State
_WITH_FILE = (State.MADE, State.DELIVERING)
_OPEN = (State.SELECTING, State.POSTING, State.MAKING, *_WITH_FILE)


class TotalsDiffer(Exception):
    """What is in the file is not what the ledger says: nothing is delivered."""


def open_run(*, started_by: str, at: datetime, profile: BursarProfile, number: int) -> BursarRun:
    """The run of the profile that was begun and not delivered, else a new one with the export number ``number``.

    One whose file waits for its download is complete.
    """
    begun = begun_runs(profile).select_for_update(of=("self",))
    found = begun.select_related("profile__institution").order_by("pk").first()
    return found or BursarRun.objects.create(
        institution_id=profile.institution_id,
        profile=profile,
        number=number,
        awaits_payment=profile.imports,
        started_by=started_by,
        started_at=at,
    )


def begun_runs(profile: BursarProfile) -> QuerySet[BursarRun]:
    """The runs of the profile that wait for a job to go on with them."""
    begun = BursarRun.objects.filter(profile=profile, state__in=_OPEN)
    is_download = profile.destination == BursarProfile.Destination.DOWNLOAD
    return begun.exclude(state__in=_WITH_FILE) if is_download else begun


def select(run: BursarRun) -> int:
    """Add the next fees to the run's lines; how many. None means that all are there, and exporting begins."""
    last = BursarLine.objects.filter(run=run).order_by("-pk").first()
    found: list[Fee] = []
    for patrons in spans(run.profile, last.patron_id if last else 0):
        rows = candidates(run.profile, run.started_at, patrons)
        if last:
            rows = rows.filter(Q(patron_id__gt=last.patron_id) | Q(pk__gt=last.fee_id))
        found += rows[: _SELECTED_AT_ONCE - len(found)]
        if len(found) == _SELECTED_AT_ONCE:
            break
    lines = [_line(run, fee) for fee in found]
    insert(lines, needs_ids=False)
    run.selected_count += len(lines)
    run.selected_minor += sum(line.selected_minor for line in lines)
    run.dropped_count += sum(line.state == BursarLine.State.DROPPED for line in lines)
    if len(found) < _SELECTED_AT_ONCE:
        run.state = State.POSTING
    run.save(update_fields=["selected_count", "selected_minor", "dropped_count", "state"])
    return len(lines)


def export_chunk(run: BursarRun, actor: Actor, at: datetime) -> tuple[int, list[RunEvent]]:
    """Export the next of the selected fees; how many lines, and what dropped out. The last chunk ends the stage."""
    limit = CHUNK[connection.vendor]
    lines = list(BursarLine.objects.filter(run=run, state=BursarLine.State.SELECTED).order_by("pk")[:limit])
    events: list[RunEvent] = []
    if lines:
        done = export_fees(
            actor=actor,
            at=at,
            institution=run.profile.institution,
            fees=[(line.patron_id, line.fee_id) for line in lines],
            awaits_payment=run.awaits_payment,
            is_wanted=still_wanted(run, lines),
        )
        for line in lines:
            if handed := done.handed_over.get(line.fee_id):
                line.state = BursarLine.State.POSTED
                line.posted_minor, line.transfer_id = handed.amount_minor, handed.transfer_id
            else:
                line.state = BursarLine.State.DROPPED
                line.reason = BELOW if done.dropped[line.fee_id] == Fee.Status.ACTIVE else CHANGED
                events.append(_dropped(line, done.dropped[line.fee_id]))
        update_all(lines, ("state", "reason", "posted_minor", "transfer_id"))
        posted = [line for line in lines if line.state == BursarLine.State.POSTED]
        run.posted_count += len(posted)
        run.posted_minor += sum(line.posted_minor for line in posted)
        run.dropped_count += len(lines) - len(posted)
    if len(lines) < limit:
        run.state = State.MAKING if run.posted_count else State.EMPTY
        unnamed = BursarLine.objects.filter(run=run, reason=NO_IDENTIFIER)
        events += [_dropped(line, "") for line in unnamed.order_by("pk")[:_SELECTED_AT_ONCE]]
    run.save(update_fields=["posted_count", "posted_minor", "dropped_count", "state"])
    return len(lines), events


def make_file(run: BursarRun) -> Written:
    """Write the run's file among what is kept; the same bytes again from the same run. Reads the database only."""
    return write_file(run, kept_file(run))


def seal_file(run: BursarRun, written: Written, actor: Actor, at: datetime) -> None:
    """Keep what was counted while the file was written. Raises ``TotalsDiffer`` unless the ledger says the same."""
    if (written.count, written.sum_minor) != ledger_totals(run):
        raise TotalsDiffer
    run.file_name, run.made_at, run.state = file_name(run), at, State.MADE
    run.file_count, run.file_minor = written.count, written.sum_minor
    run.file_bytes, run.file_sha256 = written.size, written.sha256
    run.save()
    data = {"export": run.number, "fees": written.count, "total": written.sum_minor, "sha256": written.sha256}
    record("bursar_file.made", actor=actor, at=at, data=data)


def begin_delivery(run: BursarRun) -> None:
    """From here on the bursar may have the file, so that the run is not undone any more, whatever is answered."""
    run.state = State.DELIVERING
    run.save(update_fields=["state"])


def awaits_download(run: BursarRun) -> bool:
    """Whether a clerk's download delivers it; also of a run that its profile tried to send somewhere before."""
    return run.state in _WITH_FILE and run.profile.destination == BursarProfile.Destination.DOWNLOAD


def end_delivery(run: BursarRun, place: str, actor: Actor, at: datetime) -> None:
    run.state, run.delivered_at, run.delivered_to = State.DELIVERED, at, place[:400]
    run.save(update_fields=["state", "delivered_at", "delivered_to"])
    record("bursar_file.delivered", actor=actor, at=at, data={"export": run.number, "place": run.delivered_to})


def kept_file(run: BursarRun) -> Path:
    return kept(run.institution_id, "runs", str(run.number), file_name(run))


def sealed_file(run: BursarRun) -> Path:
    """The file that was made and sealed; one that is gone, or has other bytes, is made again.

    Raises ``FileGone`` if it were another. It reads or writes all of the file, so it is called without a lock.
    """
    path = kept_file(run)
    if not _is_sealed(path, run) and write_file(run, path, run.file_sha256).sha256 != run.file_sha256:
        raise FileGone
    return path


def ledger_totals(run: BursarRun) -> tuple[int, int]:
    """How many fees the run exported and their signed sum, by the transfers alone, less what was taken back."""
    posted = BursarLine.objects.filter(run=run, transfer__isnull=False, transfer__corrected_by=None)
    signed = Case(
        When(transfer__debit=CREDIT, then=-F("transfer__amount_minor")),
        default=F("transfer__amount_minor"),
        output_field=BigIntegerField(),
    )
    sums = posted.aggregate(count=Count("pk"), total=Sum(signed, output_field=BigIntegerField()))
    return sums["count"], sums["total"] or 0


def _is_sealed(path: Path, run: BursarRun) -> bool:
    if not path.exists():
        return False
    with path.open("rb") as there:
        return hashlib.file_digest(there, "sha256").hexdigest() == run.file_sha256


def _line(run: BursarRun, fee: Fee) -> BursarLine:
    is_named = getattr(fee, "is_named", True)
    return fresh(
        BursarLine,
        institution_id=run.institution_id,
        run_id=run.pk,
        patron_id=fee.patron_id,
        fee_id=fee.pk,
        state=BursarLine.State.SELECTED.value if is_named else BursarLine.State.DROPPED.value,
        reason="" if is_named else NO_IDENTIFIER,
        selected_minor=fee.payable_minor,  # type: ignore[attr-defined]  # annotated by ``candidates``
    )


def _dropped(line: BursarLine, status: str) -> RunEvent:
    data = {"patron": line.patron_id, "fee": line.fee_id, "amount_minor": line.selected_minor, "status": status}
    return RunEvent(Level.WARNING, f"bursar.{line.reason}", data)
