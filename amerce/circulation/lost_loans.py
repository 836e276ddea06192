"""The job ``lost-loans``: what is late for as many days as the terms say becomes lost (row C5)."""

from datetime import datetime

from django.utils.translation import gettext_lazy

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.circulation.errors import LoanNotFound
from amerce.circulation.late_loans import (
    PARAMS,
    as_of,
    cursor_after,
    days_late,
    expected,
    is_late,
    read_params,
    take,
)
from amerce.circulation.locked import lock_loans
from amerce.circulation.mark_lost import lose
from amerce.circulation.models import Loan
from amerce.circulation.terms import NoTerms, TermsTable, terms_table
from amerce.jobs.job import Job, Step
from amerce.jobs.models import JobRun

SLICE_LOANS = 30
"""A loss writes up to fifteen rows, so a slice stays below the 500 rows that one transaction may write on SQLite."""


def _slice(run: JobRun, actor: Actor, at: datetime) -> Step:
    table = terms_table(run.institution_id)
    taken = take(run, lambda loan: _is_due(run, table, loan), SLICE_LOANS)
    lost = sum(_lose(run, actor, at, table, loan) for loan in taken.due)
    counts = {"looked_at": len(taken.seen), "lost": lost}
    return Step(cursor=cursor_after(run, taken.seen), counts=counts, is_last=taken.is_last)


def _is_due(run: JobRun, table: TermsTable, loan: Loan) -> bool:
    limit = _days_to_lost(table, loan)
    return limit is not None and days_late(loan, as_of(run), run.institution) >= limit


def _days_to_lost(table: TermsTable, loan: Loan) -> int | None:
    try:
        return table.of(loan).days_to_lost
    except NoTerms:
        return None


def _lose(run: JobRun, actor: Actor, at: datetime, table: TermsTable, read: Loan) -> bool:
    """Whether it was lost now: since it was read somebody may have renewed it, claimed it or taken it back."""
    require(actor, Privilege.LOAN_MARK)
    try:
        locked = lock_loans(actor, at, read.borrower_id, [read.pk])
        loan = locked.out(read.pk)
    except LoanNotFound:
        return False
    if not is_late(loan, as_of(run), run.institution) or not _is_due(run, table, loan):
        return False
    lose(locked, loan.pk)
    return True


def _summary(run: JobRun) -> str:
    return f"looked_at={run.counts['looked_at']} lost={run.counts['lost']}"


LOST_LOANS = Job(
    name="lost-loans",
    title=gettext_lazy("Change to Lost"),
    params=PARAMS,
    privileges=frozenset({Privilege.LOAN_MARK}),
    read_params=read_params,
    expected=expected,
    slice=_slice,
    summary=_summary,
)
