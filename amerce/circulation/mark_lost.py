"""Lost: the patron lost the item, or it cannot come back (row A11)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.request import Request
from amerce.circulation.comments import fine_comment
from amerce.circulation.locked import LockedLoans, begin_spell, end_spell, lock_loans
from amerce.circulation.lost_charges import charge_lost
from amerce.circulation.models import Loan, LoanSpell
from amerce.circulation.outcome import LoanOutcome
from amerce.circulation.overdue_charges import charge_lateness
from amerce.circulation.reckoning import reckon
from amerce.circulation.states import Action, check_status
from amerce.institutions.days import local_day
from amerce.sql import update


def mark_lost(*, actor: Actor, at: datetime, patron_id: int, loan_id: int) -> LoanOutcome:
    """Leave the loan on the record as Lost and charge replacement and process fee, each once for the loan.

    The overdue fine stays as it is by now or goes, as the institution says (``overdue_at_lost_loan``). Raises
    ``NotAllowed``, ``PatronNotFound``, ``NoTerms`` and of ``circulation.errors``: ``LoanNotFound``,
    ``LoanStatusForbids``.
    """
    require(actor, Privilege.LOAN_MARK)
    with transaction.atomic():
        locked = lock_loans(actor, at, patron_id, [loan_id])
        check_status(locked.out(loan_id), Action.MARK_LOST)
        return lose(locked, loan_id)


def lose(locked: LockedLoans, loan_id: int) -> LoanOutcome:
    """Make a loan lost whose status allows it, for who asked whether it may. Closes the books. Raises ``NoTerms``."""
    loan, books, at = locked.out(loan_id), locked.books, locked.books.at
    end_spell(loan, at)
    begin_spell(loan, LoanSpell.Kind.LOST, at)
    loan.status = Loan.Status.LOST
    update(loan, ("status",))
    reckoning = reckon(books.institution, [loan])
    terms, action = reckoning.terms_of(loan), _("Lost")
    charge_lateness(books, reckoning, loan, until=at, action=action)
    on = local_day(at, books.institution.zone)
    charge_lost(books, terms, loan, fine_comment(books.institution, terms, loan, on=on, action=action))
    money = books.close(Request(verb="mark_lost", inputs={}), "loan.lost", {"loan": loan_id, "terms": terms.pk})
    return LoanOutcome(loan_id, loan.borrower_id, loan.due_at, terms.name, money)
