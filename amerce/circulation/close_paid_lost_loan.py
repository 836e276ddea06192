"""Taking a lost loan off the patron's list once all that the loss cost is settled (row A11)."""

from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.circulation.lost_loan import lock_lost_loan
from amerce.events.record import record


def close_paid_lost_loan(*, actor: Actor, at: datetime, loan_id: int) -> bool:
    """Close the loan if the institution wants it and its lost charges are all paid, waived or exported.

    Says whether it was closed now. The copy may come back later, and then the loan is returned as any lost one.
    Raises ``NotAllowed``.
    """
    require(actor, Privilege.LOAN_MARK)
    with transaction.atomic():
        lost = lock_lost_loan(actor, at, loan_id)
        if lost is None or not lost.books.institution.close_paid_lost_loan:
            return False
        if lost.loan.closed_at is not None or not lost.is_settled:
            return False
        lost.loan.closed_at = at
        lost.loan.save(update_fields=["closed_at"])
        record("loan.closed", actor=actor, at=at, patron_id=lost.loan.patron_id, data={"loan": loan_id})
        return True
