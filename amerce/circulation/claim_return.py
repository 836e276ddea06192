"""Claimed Return: the patron says that the item was returned and the library cannot find it (row A11)."""

from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.circulation.locked import begin_spell, lock_loans
from amerce.circulation.models import Loan, LoanSpell
from amerce.circulation.outcome import LoanOutcome
from amerce.circulation.states import Action, check_status
from amerce.events.record import record
from amerce.sql import update


def claim_return(*, actor: Actor, at: datetime, patron_id: int, loan_id: int) -> LoanOutcome:
    """Leave the loan on the record and let nothing accrue from this day on, until it is found or comes back.

    Raises ``NotAllowed``, ``PatronNotFound`` and of ``circulation.errors``: ``LoanNotFound``, ``LoanStatusForbids``.
    """
    require(actor, Privilege.LOAN_MARK)
    with transaction.atomic():
        loan = lock_loans(actor, at, patron_id, [loan_id]).out(loan_id)
        check_status(loan, Action.CLAIM_RETURN)
        begin_spell(loan, LoanSpell.Kind.CLAIMED, at)
        loan.status = Loan.Status.CLAIMED_RETURN
        update(loan, ("status",))
        record("loan.claimed_returned", actor=actor, at=at, patron_id=patron_id, data={"loan": loan_id})
        return LoanOutcome(loan_id, patron_id, loan.due_at)
