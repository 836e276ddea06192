"""The job ``lost-loans``: what is late for as many days as the terms say becomes lost (row C5)."""

from datetime import datetime

from django.utils.translation import gettext_lazy

from amerce.access.actors import Actor
from amerce.access.privileges import Privilege
from amerce.circulation.errors import LoanError
from amerce.circulation.late_loans import PARAMS, as_of, cursor_after, days_late, expected, read_params, unseen
from amerce.circulation.mark_lost import mark_lost
from amerce.circulation.models import Loan
from amerce.circulation.terms import NoTerms, TermsTable, terms_table
from amerce.jobs.job import Job, Step
from amerce.jobs.models import JobRun

SLICE_LOANS = 30
"""A loss writes up to fifteen rows, so a slice stays below the 500 rows that one transaction may write on SQLite."""


def _slice(run: JobRun, actor: Actor, at: datetime) -> Step:
    day, table = as_of(run), terms_table(run.institution_id)
    loans = list(unseen(run)[:SLICE_LOANS])
    counts = {"looked_at": len(loans), "lost": 0}
    # Accounts are locked in the order of patrons, as every command that locks several does.
    for loan in sorted(loans, key=lambda each: (each.borrower_id, each.pk)):
        limit = _days_to_lost(table, loan)
        if limit is not None and days_late(loan, day, run.institution) >= limit:
            counts["lost"] += _lose(actor, at, loan)
    return Step(cursor=cursor_after(run, loans), counts=counts, is_last=len(loans) < SLICE_LOANS)


def _days_to_lost(table: TermsTable, loan: Loan) -> int | None:
    try:
        return table.of(loan).days_to_lost
    except NoTerms:
        return None


def _lose(actor: Actor, at: datetime, loan: Loan) -> bool:
    """Whether it was lost now; somebody may have taken it back since it was read."""
    try:
        mark_lost(actor=actor, at=at, patron_id=loan.borrower_id, loan_id=loan.pk)
    except LoanError:
        return False
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
