"""Undoing a bulk waiver as a whole, by transactions that take back its own (row B15).

Why a job of its own: it takes as long as the run did, and stops as safely. What cannot be taken back, because the fee
was settled, corrected or exported since, is reported and left.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel.dates import format_date
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_amount, require_for
from amerce.access.privileges import Privilege
from amerce.bulk.errors import StillRunning
from amerce.bulk.job import SLICE_FEES, WAIVER, starter_ceiling_minor, waiver_of
from amerce.bulk.models import BulkWaiver, WaivedPatron
from amerce.charges.correct_many import TakenBack, correct_many
from amerce.events.record import record
from amerce.inputs.checks import possible_ids, typed_ids
from amerce.inputs.errors import RowNotFound
from amerce.institutions.days import local_day
from amerce.institutions.models import Institution
from amerce.jobs.enqueue import enqueue
from amerce.jobs.job import Job, JobRefused, Level, RunEvent, Step
from amerce.jobs.models import JobRun
from amerce.jobs.queries import ENDED
from amerce.ledger.models import Transfer
from amerce.money.format import format_plain
from amerce.sql import among, update_all

NOT_UNDONE = "bulk_undo."
"""With the name of the refusal, the code of what is told of a transaction that stands."""
_UNDONE = ("undone_at", "undone_fees", "undone_minor")
_STOPPED = (JobRun.State.FAILED, JobRun.State.CANCELLED)


@dataclass(frozen=True)
class Undoing:
    """The run that takes back. ``replayed``: it was asked for before and nothing was queued now."""

    waiver_id: int
    run_id: int
    replayed: bool


def undo_bulk_waiver(*, actor: Actor, at: datetime, waiver_id: int) -> Undoing:
    """Queue the run that takes back all that the bulk waiver waived; asked again, answer that run.

    One that failed or was cancelled is followed by another, which goes on with what is left. The ceiling of the
    privilege holds for all that was waived. Raises ``NotAllowed``, ``RowNotFound``, ``StillRunning``, ``AboveCeiling``.
    """
    require_for(actor, Privilege.BULK_WAIVE, EVERYWHERE)
    with transaction.atomic():
        mine = BulkWaiver.objects.filter(institution_id=actor.institution_id, pk__in=possible_ids([waiver_id]))
        waiver = mine.select_for_update(of=("self",)).select_related("run", "undo_run").first()
        if waiver is None:
            raise RowNotFound(waiver_id)
        if waiver.run is None or not waiver.run.has_ended:
            raise StillRunning
        if waiver.undo_run is not None and waiver.undo_run.state not in _STOPPED:
            return Undoing(waiver.pk, waiver.undo_run.pk, replayed=True)
        require_amount(actor, Privilege.BULK_WAIVE, _waived_minor(waiver.run))
        run = enqueue(actor=actor, at=at, name=UNDO_BULK_WAIVING.name, given={WAIVER: str(waiver.pk)})
        waiver.undo_run = run
        waiver.save(update_fields=["undo_run"])
        record("bulk_waiver.undo_confirmed", actor=actor, at=at, data={"waiver": waiver.pk})
        return Undoing(waiver.pk, run.pk, replayed=False)


def _waived_minor(run: JobRun) -> int:
    """All that the run of a bulk waiver waived."""
    return int(run.counts.get("total_minor", 0))


def _read_params(given: Mapping[str, str], institution_id: int, at: datetime) -> dict[str, Any]:
    ids = typed_ids(given[WAIVER])
    mine = BulkWaiver.objects.filter(institution_id=institution_id, pk__in=ids, run__state__in=ENDED)
    if not mine.filter(Q(undo_run=None) | Q(undo_run__state__in=_STOPPED)).exists():
        raise JobRefused(_("A bulk waiver is undone on its own page, once."))
    return {WAIVER: ids[0]}


def _left(run: JobRun) -> Any:
    """The patrons of whom nothing was taken back yet, in the order in which accounts are locked."""
    mine = WaivedPatron.objects.filter(institution_id=run.institution_id, waiver_id=run.params[WAIVER])
    return mine.filter(undone_at=None).order_by("patron_id")


def _slice(run: JobRun, actor: Actor, at: datetime) -> Step:
    waiver = waiver_of(run)
    _require_below_ceiling(run, actor, waiver)
    rows, is_last = _batch(run)
    transfers = _transfers(rows)
    results = correct_many(
        actor=actor,
        at=at,
        institution=run.institution,
        transfers=transfers,
        comment=_comment(waiver, run.institution),
        data={"bulk_waiver": waiver.pk},
    )
    by_patron = {each.patron_id: each for each in results}
    for row in rows:
        result = by_patron[row.patron_id]
        row.undone_at, row.undone_fees, row.undone_minor = at, len(result.rows), result.amount_minor
    update_all(rows, _UNDONE)
    refused = [event for each in results for event in _refused(each)]
    return Step(
        cursor={"after_patron": rows[-1].patron_id} if rows else run.cursor,
        counts={
            "looked_at": len(rows),
            "patrons": sum(1 for each in results if each.rows),
            "fees": sum(len(each.rows) for each in results),
            "total_minor": sum(each.amount_minor for each in results),
            "skipped": len(refused),
        },
        is_last=is_last,
        events=refused,
    )


def _comment(waiver: BulkWaiver, institution: Institution) -> str:
    """With the day on which it was confirmed where the institution is."""
    day = format_date(local_day(waiver.created_at, institution.zone), locale=institution.locale)
    return _("Undo of the bulk waiver of %(day)s.") % {"day": day}


def _require_below_ceiling(run: JobRun, actor: Actor, waiver: BulkWaiver) -> None:
    """The job can be started by its name too, without the command. Raises ``JobRefused``."""
    assert waiver.run is not None, "a bulk waiver is made with its run"
    ceiling = starter_ceiling_minor(run, actor)
    if ceiling is not None and _waived_minor(waiver.run) > ceiling:
        most = f"{format_plain(ceiling, run.institution.currency)} {run.institution.currency_code}"
        raise JobRefused(_("It would undo more than %(most)s, which is the most.") % {"most": most})


def _batch(run: JobRun) -> tuple[list[WaivedPatron], bool]:
    """The next patrons with as many fees as one transaction takes, but one patron at least; and whether the last."""
    limit = SLICE_FEES[connection.vendor]
    rows: list[WaivedPatron] = []
    fees = 0
    found = list(_left(run)[: limit + 1])
    for row in found[:limit]:
        fees += row.fees
        if rows and fees > limit:
            break
        rows.append(row)
    return rows, len(rows) == len(found)


def _transfers(rows: Sequence[WaivedPatron]) -> dict[int, list[Transfer]]:
    """By patron what the run waived of them: the transfers between its first and last, which no other came between."""
    if not rows:
        return {}
    mine = WaivedPatron.objects.filter(
        waiver_id=rows[0].waiver_id,
        patron=OuterRef("account__patron_id"),
        first_seq__lte=OuterRef("seq"),
        last_seq__gte=OuterRef("seq"),
    )
    found = Transfer.objects.filter(
        among("account__patron_id", [row.patron_id for row in rows]),
        Exists(mine),
        institution_id=rows[0].institution_id,
    )
    by_patron: dict[int, list[Transfer]] = defaultdict(list)
    for each in found.annotate(patron_id=F("account__patron_id")):
        by_patron[each.patron_id].append(each)
    return by_patron


def _refused(result: TakenBack) -> list[RunEvent]:
    return [
        RunEvent(
            Level.WARNING,
            NOT_UNDONE + type(refusal).__name__,
            {
                "patron_id": result.patron_id,
                "fee_id": row.fee_id,
                "amount_minor": row.amount_minor,
            },
        )
        for row, refusal in result.refused
    ]


def _summary(run: JobRun) -> str:
    counts = run.counts
    total = format_plain(counts["total_minor"], run.institution.currency)
    return f"patrons={counts['patrons']} fees={counts['fees']} total={total} left={counts['skipped']}"


UNDO_BULK_WAIVING = Job(
    name="undo-bulk-fine-waiving",
    title=gettext_lazy("Undo of Bulk Fine Waiving"),
    params={WAIVER: gettext_lazy("the bulk waiver that is taken back")},
    needed=frozenset({WAIVER}),
    privileges=frozenset({Privilege.BULK_WAIVE}),
    report_is_for=frozenset({Privilege.BULK_WAIVE, Privilege.EVENT_VIEW}),
    privilege_to_run=Privilege.BULK_WAIVE,
    acts_for_starter=True,
    read_params=_read_params,
    expected=lambda run: _left(run).count(),
    slice=_slice,
    summary=_summary,
)
