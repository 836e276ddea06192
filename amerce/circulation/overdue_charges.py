"""Bringing the overdue and recalled fines of a loan to what was reckoned, on books that are open."""

from datetime import datetime

from amerce.charges.books import Books
from amerce.charges.loan_charge import LoanCharge, bring_to
from amerce.circulation.comments import fine_comment
from amerce.circulation.models import Loan
from amerce.circulation.queries import facts_of
from amerce.circulation.reckoning import OVERDUE_TYPES, Reckoning
from amerce.institutions.days import local_day


def charge_lateness(books: Books, reckoning: Reckoning, loan: Loan, *, until: datetime, action: str) -> None:
    """Bring each fine that grows with time to what it is at ``until``, up or down. ``action`` says why in words that
    the comment keeps.
    """
    totals_minor = reckoning.totals_minor(loan, until)
    if not any(totals_minor.values()) and not books.fees:
        return
    terms = reckoning.terms_of(loan)
    comment = fine_comment(books.institution, terms, loan, on=local_day(until, books.institution.zone), action=action)
    for type_code in OVERDUE_TYPES:
        bring_to(books, charge_of(loan, type_code, comment), totals_minor[type_code])


def charge_of(loan: Loan, type_code: str, comment: str) -> LoanCharge:
    """What a charge for ``loan``, with its item, says of itself."""
    return LoanCharge(
        loan_id=loan.pk,
        type_code=type_code,
        item=facts_of(loan.item),
        owner_library_id=loan.library_id,
        comment=comment,
    )
