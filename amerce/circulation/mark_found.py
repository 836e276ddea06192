"""Found: a lost item, or one that was claimed returned, is there again and the loan goes on (row A11)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.request import Request
from amerce.circulation.locked import end_spell, lock_loans
from amerce.circulation.lost_charges import take_back_replacement
from amerce.circulation.models import Loan
from amerce.circulation.outcome import LoanOutcome
from amerce.circulation.overdue_charges import charge_lateness
from amerce.circulation.reckoning import OVERDUE_TYPES, reckon
from amerce.circulation.states import Action, check_status, status_on_loan
from amerce.sql import update


def mark_found(*, actor: Actor, at: datetime, patron_id: int, loan_id: int) -> LoanOutcome:
    """End what was said of the item. Of a lost one the replacement fee is taken back by the terms, the process fee
    stays, and an overdue fine that was charged is what the terms say; one that was not waits for the return.

    Raises ``NotAllowed``, ``PatronNotFound``, ``NoTerms`` and of ``circulation.errors``: ``LoanNotFound``,
    ``LoanStatusForbids``.
    """
    require(actor, Privilege.LOAN_MARK)
    with transaction.atomic():
        locked = lock_loans(actor, at, patron_id, [loan_id])
        loan, books = locked.out(loan_id), locked.books
        check_status(loan, Action.MARK_FOUND)
        was, spell = loan.status, end_spell(loan, at)
        loan.status = status_on_loan(loan)
        update(loan, ("status",))
        if was == Loan.Status.LOST:
            take_back_replacement(books, loan, spell, found_at=at)
            if any(books.of_loan(loan_id, each) for each in OVERDUE_TYPES):
                charge_lateness(books, reckon(books.institution, [loan]), loan, until=at, action=_("Found"))
        money = books.close(Request(verb="mark_found", inputs={}), "loan.found", {"loan": loan_id, "was": was})
        return LoanOutcome(loan_id, patron_id, loan.due_at, money=money)
