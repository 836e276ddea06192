"""The end of a check: what booking would make of each line of a file, and the sums of that (row D5).

Why by the same reading and matching up to here, and by the arithmetic of ``settle``: who looks first must be told what
booking would do, not something like it.
"""

from datetime import datetime

from django.db.models import Count, Sum

from amerce.access.actors import Actor
from amerce.bursar import import_stages as stages
from amerce.bursar.models import BursarImport, BursarPayment
from amerce.bursar.sentences import not_bookable
from amerce.charges.models import Fee
from amerce.charges.settle import foreseen
from amerce.jobs.job import Level, RunEvent
from amerce.sql import among, update_all

AT_ONCE = 500
Outcome, State = BursarPayment.Outcome, BursarImport.State
BOOKABLE = frozenset({Outcome.PAID, Outcome.PART, Outcome.EXCESS, Outcome.OVERPAID})
"""What a line of a check says that would be booked."""


def foresee_chunk(file: BursarImport) -> tuple[int, list[RunEvent]]:
    """Say of the next lines that are to be booked what they would become; how many, and what is to be told of them."""
    rows = list(stages.pending(file).order_by("position")[:AT_ONCE])
    left = _at_bursar(file, {row.fee_id for row in rows if row.fee_id})
    for row in rows:
        fee_id, amount_minor = row.fee_id or 0, row.amount_minor or 0
        settled = foreseen(amount_minor, left.get(fee_id, 0))
        if settled.applied_minor:
            left[fee_id] = settled.open_minor
        row.applied_minor, row.excess_minor = settled.applied_minor, settled.excess_minor
        row.outcome = stages.outcome_of(amount_minor, settled)
    update_all(rows, ("outcome", "applied_minor", "excess_minor"))
    stages.add_up(file, rows)
    return len(rows), [_told(row) for row in rows if row.outcome not in (Outcome.PAID, Outcome.PART)]


def end_check(file: BursarImport, actor: Actor, at: datetime, reason: str = "", **data: object) -> RunEvent:
    """The file was looked at, and nothing was done with it. ``reason`` says why it would not be booked as it is."""
    stages.end_import(file, State.CHECKED, actor, at, reason, **data)
    if reason:
        return RunEvent(
            Level.ERROR, "bursar.not_bookable", {"file": file.file_name, "reason": not_bookable(reason, data)}
        )
    said = {
        "file": file.file_name, "lines_count": file.line_count, "booked_count": file.posted_count,
        "applied_minor": file.applied_minor, "problems_count": file.problem_count,
    }  # fmt: skip
    return RunEvent(Level.INFO, "bursar.checked", said)


def end_check_of_same(file: BursarImport, earlier: BursarImport, actor: Actor, at: datetime) -> RunEvent:
    """The check of a file that was imported before: it is matched no more, since nothing of it would be booked but what
    a run left that stopped half way.
    """
    if earlier.state != State.POSTING:
        return end_check(file, actor, at, "same", earlier=earlier.pk)
    left = stages.pending(earlier).aggregate(count=Count("pk"), total=Sum("amount_minor", default=0))
    file.posted_count, file.applied_minor = left["count"], left["total"]
    file.save(update_fields=["posted_count", "applied_minor"])
    return end_check(file, actor, at, goes_on=earlier.pk)


def _at_bursar(file: BursarImport, fee_ids: set[int]) -> dict[int, int]:
    """What of each fee would be at the bursar after the lines before these."""
    fees = Fee.objects.filter(among("pk", fee_ids), institution_id=file.institution_id)
    left = dict(fees.values_list("pk", "transferred_minor"))
    before = BursarPayment.objects.filter(among("fee_id", fee_ids), file=file, outcome__in=BOOKABLE)
    for fee_id, applied_minor in before.order_by().values_list("fee_id").annotate(sum=Sum("applied_minor")):
        left[fee_id] -= applied_minor
    return left


def _told(row: BursarPayment) -> RunEvent:
    level = Level.ERROR if row.outcome == Outcome.ELSEWHERE else Level.WARNING
    data = {
        "line": row.position, "id": row.transaction_id, "sum": row.sum_text, "fee": row.fee_id,
        "patron": row.patron_id, "excess_minor": row.excess_minor,
    }  # fmt: skip
    return RunEvent(level, f"bursar.check_{row.outcome}", data)
