"""The job ``overdue-notices``: the overdue notices that are due by a given day, with their fees (row C5).

Why it only says so in an event: the letter hangs on the event, so a mail server that is down holds up no charge and
no notice is due twice.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.loan_charge import charged_minor, raise_to
from amerce.charges.request import Request
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
from amerce.circulation.models import Loan, OverdueNotice
from amerce.circulation.overdue_charges import charge_of
from amerce.circulation.terms import NoTerms, TermsTable, terms_table
from amerce.institutions.models import Institution
from amerce.jobs.job import Job, Step
from amerce.jobs.models import JobRun
from amerce.money.format import format_plain
from amerce.sql import update

NOTICE_TYPE = "OVERDUENOTIFICATIONFINE"
SLICE_LOANS = 60
"""A notice with its first fee writes seven rows, so a slice stays below the 500 rows that one transaction may write."""


@dataclass(frozen=True)
class Notices:
    """The terms of an institution and their notices, the highest number first."""

    institution: Institution
    terms: TermsTable
    by_terms: dict[int, list[OverdueNotice]]

    def due(self, loan: Loan, day: date) -> OverdueNotice | None:
        """The highest notice that is due for ``loan`` on ``day`` and was not sent yet. Those below it are skipped:
        who is told for the third time needs no first.
        """
        try:
            terms = self.terms.of(loan)
        except NoTerms:
            return None
        late = days_late(loan, day, self.institution)
        for notice in self.by_terms.get(terms.pk, ()):
            if notice.after_days <= late:
                return notice if notice.number > loan.notices_sent else None
        return None


def notices_of(institution: Institution) -> Notices:
    """Two queries."""
    by_terms: dict[int, list[OverdueNotice]] = {}
    for notice in OverdueNotice.objects.filter(institution=institution).order_by("-number"):
        by_terms.setdefault(notice.terms_id, []).append(notice)
    return Notices(institution, terms_table(institution.pk), by_terms)


def _slice(run: JobRun, actor: Actor, at: datetime) -> Step:
    day, notices = as_of(run), notices_of(run.institution)
    taken = take(run, lambda loan: notices.due(loan, day) is not None, SLICE_LOANS)
    charged = [_notice(actor, at, loan, notices, day) for loan in taken.due]
    noticed = [each for each in charged if each is not None]
    counts = {"looked_at": len(taken.seen), "noticed": len(noticed), "total_minor": sum(noticed)}
    return Step(cursor=cursor_after(run, taken.seen), counts=counts, is_last=taken.is_last)


def _notice(actor: Actor, at: datetime, read: Loan, notices: Notices, day: date) -> int | None:
    """Note that the notice is due and charge its fee: how much, None if somebody changed the loan meanwhile.

    While the fee of earlier notices is in dispute it does not grow: such a notice costs nothing.
    """
    require(actor, Privilege.FEE_ACCRUE)
    try:
        locked = lock_loans(actor, at, read.borrower_id, [read.pk])
        loan, books = locked.out(read.pk), locked.books
    except LoanNotFound:
        return None
    notice = notices.due(loan, day) if is_late(loan, day, notices.institution) else None
    if notice is None:
        return None
    loan.notices_sent = notice.number
    update(loan, ("notices_sent",))
    raised_minor = 0
    if notice.fee_minor:
        charge = charge_of(loan, NOTICE_TYPE, _("Overdue notice %(number)s") % {"number": notice.number})
        before_minor = charged_minor(books.of_loan(loan.pk, NOTICE_TYPE))
        raised_minor = raise_to(books, charge, before_minor + notice.fee_minor)
    data = {"loan": loan.pk, "number": notice.number, "charged": raised_minor}
    books.close(Request(verb="overdue_notice", inputs={}), "loan.overdue_noticed", data)
    return raised_minor


def _summary(run: JobRun) -> str:
    total = format_plain(run.counts["total_minor"], run.institution.currency)
    return f"looked_at={run.counts['looked_at']} noticed={run.counts['noticed']} total={total}"


OVERDUE_NOTICES = Job(
    name="overdue-notices",
    title=gettext_lazy("Overdue Notices"),
    params=PARAMS,
    privileges=frozenset({Privilege.FEE_ACCRUE}),
    read_params=read_params,
    expected=expected,
    slice=_slice,
    summary=_summary,
)
