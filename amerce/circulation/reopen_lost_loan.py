"""Putting a lost loan back on the patron's list when what the loss cost is owed again (row A11)."""

from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.circulation.lost_loan import lock_lost_loan
from amerce.circulation.models import Loan
from amerce.events.record import record


def reopen_lost_loan(*, actor: Actor, at: datetime, loan_id: int) -> bool:
    """Open a closed loan again if anything of its lost charges is owed, as after a payment that was corrected.

    Says whether it was opened now. It stays closed once the copy was lent again, to whomever: then the copy was found,
    and what is owed is owed without it. Raises ``NotAllowed``.
    """
    require(actor, Privilege.LOAN_MARK)
    with transaction.atomic():
        lost = lock_lost_loan(actor, at, loan_id)
        if lost is None or lost.loan.closed_at is None or not lost.owed_minor or _was_lent_since(lost.loan):
            return False
        lost.loan.closed_at = None
        lost.loan.save(update_fields=["closed_at"])
        record("loan.reopened", actor=actor, at=at, patron_id=lost.loan.patron_id, data={"loan": loan_id})
        return True


def _was_lent_since(loan: Loan) -> bool:
    others = Loan.objects.filter(institution_id=loan.institution_id, item_id=loan.item_id).exclude(pk=loan.pk)
    return others.filter(loaned_at__gte=loan.closed_at).exists()
