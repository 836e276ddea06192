"""Reading bulk waivers: the list of them, one of them, and its report."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet, Sum

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.bulk.models import BulkWaiver, IdLine, IdList, WaivedPatron
from amerce.bulk.undo import UNDO_BULK_WAIVING
from amerce.inputs.checks import possible_ids
from amerce.inputs.errors import RowNotFound
from amerce.jobs.models import JobRun, RunEventRow
from amerce.patrons.models import Patron

_PAGE = 1000


@dataclass(frozen=True)
class ReportLine:
    """What became of one patron, or of one line of the list. ``code`` is of an event, empty for what was waived.

    ``user`` or ``fee_id`` is as it was written where a line names nothing.
    """

    user: str
    name: str
    code: str
    fees: int
    amount_minor: int
    undone_minor: int
    line: int | None = None
    fee_id: int | str | None = None


def waivers(actor: Actor) -> QuerySet[BulkWaiver]:
    """All bulk waivers of the institution with their runs, newest first."""
    require_for(actor, Privilege.BULK_WAIVE, EVERYWHERE)
    mine = BulkWaiver.objects.filter(institution_id=actor.institution_id)
    return mine.select_related("run", "undo_run", "id_list").order_by("-pk")


def get_waiver(actor: Actor, waiver_id: int) -> BulkWaiver:
    """Raises ``NotAllowed``, ``RowNotFound``."""
    found = waivers(actor).filter(pk__in=possible_ids([waiver_id])).first()
    if found is None:
        raise RowNotFound(waiver_id)
    return found


def undone_totals(waiver: BulkWaiver) -> tuple[int, int]:
    """How many fees were taken back, and how much, in minor units."""
    mine = WaivedPatron.objects.filter(institution_id=waiver.institution_id, waiver=waiver, undone_at__isnull=False)
    sums = mine.aggregate(fees=Sum("undone_fees", default=0), amount=Sum("undone_minor", default=0))
    return sums["fees"], sums["amount"]


def told_of(waiver: BulkWaiver) -> QuerySet[RunEventRow]:
    """What run and undo left and why, in the order it happened."""
    rows = RunEventRow.objects.filter(institution_id=waiver.institution_id, run__in=_runs_of(waiver))
    return rows.order_by("run_id", "number")


def _runs_of(waiver: BulkWaiver) -> list[int]:
    """The run, and every run of the undo: one that stopped was followed by another."""
    undone = JobRun.objects.filter(
        institution_id=waiver.institution_id, name=UNDO_BULK_WAIVING.name, params__waiver=waiver.pk
    )
    return [*([waiver.run_id] if waiver.run_id else []), *undone.order_by("pk").values_list("pk", flat=True)]


def last_told(waiver: BulkWaiver, limit: int) -> list[tuple[str, RunEventRow]]:
    """The newest of what is told, each with the name of the patron it is about."""
    events = list(told_of(waiver).order_by("-run_id", "-number")[:limit])
    patrons = _patrons_of(waiver, events)
    return [(_name(patrons, each), each) for each in events]


def report(waiver: BulkWaiver) -> Iterator[ReportLine]:
    """Every patron of whom something was waived, all that was left, and the lines of the list that named nothing.

    Read page by page, so that none of it is long in memory.
    """
    yield from _waived(waiver)
    yield from _left(waiver)
    if waiver.id_list_id:
        bad = IdLine.objects.filter(institution_id=waiver.institution_id, id_list_id=waiver.id_list_id)
        is_of_fees = waiver.id_list is not None and waiver.id_list.kind == IdList.Kind.FEES
        for each in bad.exclude(problem="").order_by("number"):
            user, fee_id = ("", each.text) if is_of_fees else (each.text, None)
            yield ReportLine(user, "", f"line.{each.problem}", 0, 0, 0, line=each.number, fee_id=fee_id)


def _waived(waiver: BulkWaiver) -> Iterator[ReportLine]:
    rows = WaivedPatron.objects.filter(institution_id=waiver.institution_id, waiver=waiver)
    rows = rows.select_related("patron").order_by("pk")
    page = list(rows[:_PAGE])
    while page:
        for each in page:
            patron = each.patron
            yield ReportLine(
                patron.primary_id, patron.display_name, "", each.fees, each.amount_minor, each.undone_minor
            )
        page = list(rows.filter(pk__gt=page[-1].pk)[:_PAGE])


def _left(waiver: BulkWaiver) -> Iterator[ReportLine]:
    rows = told_of(waiver)
    for run_id in _runs_of(waiver):
        page = list(rows.filter(run_id=run_id)[:_PAGE])
        while page:
            patrons = _patrons_of(waiver, page)
            for each in page:
                yield _told(each, patrons)
            page = list(rows.filter(run_id=run_id, number__gt=page[-1].number)[:_PAGE])


def _patrons_of(waiver: BulkWaiver, events: Sequence[RunEventRow]) -> dict[int, Patron]:
    ids = {each.data["patron_id"] for each in events if "patron_id" in each.data}
    return Patron.objects.filter(institution_id=waiver.institution_id).in_bulk(ids)


def _name(patrons: Mapping[int, Patron], event: RunEventRow) -> str:
    patron = patrons.get(event.data.get("patron_id", 0))
    return patron.display_name if patron else ""


def _told(event: RunEventRow, patrons: Mapping[int, Patron]) -> ReportLine:
    data = event.data
    patron = patrons.get(data.get("patron_id", 0))
    return ReportLine(
        user=patron.primary_id if patron else "",
        name=_name(patrons, event),
        code=event.code,
        fees=len(data.get("fee_ids", ())) or (1 if data.get("fee_id") else 0),
        amount_minor=data.get("amount_minor", 0),
        undone_minor=0,
        line=data.get("line"),
        fee_id=data.get("fee_id"),
    )
