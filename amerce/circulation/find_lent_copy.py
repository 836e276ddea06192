"""A copy that left its loser's list and is lent again was found: its loser gets what a return gives (row A11).

Why after the checkout: its transaction holds the borrower's account, and two accounts at once could wait for each
other; who borrows should not wait for what somebody else is owed either (``docs/adr/0013``).
"""

from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor, system_actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.circulation.errors import LoanNotFound
from amerce.circulation.locked import lock_loans
from amerce.circulation.models import Loan
from amerce.circulation.return_item import bring_back
from amerce.events.handlers import Handler
from amerce.events.models import Event


def find_lent_copy(*, actor: Actor, at: datetime, loan_id: int, found_at: datetime) -> bool:
    """End a lost loan that was closed, as a return at ``found_at`` would. Says whether it was ended now.

    The loan for which the copy was lent is untouched. Raises ``NotAllowed`` and ``NoTerms``.
    """
    require(actor, Privilege.LOAN_RETURN)
    closed = Loan.objects.filter(
        institution_id=actor.institution_id, pk=loan_id, closed_at__isnull=False, patron__isnull=False
    )
    patron_id = closed.values_list("patron_id", flat=True).first()
    if patron_id is None:
        return False
    with transaction.atomic():
        try:
            locked = lock_loans(actor, at, patron_id, [loan_id])
        except LoanNotFound:  # it was brought back already
            return False
        bring_back(locked, locked.loans[loan_id], found_at)
        return True


def _handle(event: Event, at: datetime) -> None:
    assert event.institution_id is not None, "loans belong to an institution"
    actor = system_actor(event.institution_id, FOUND_BY_LENDING.name, Privilege.LOAN_RETURN)
    find_lent_copy(actor=actor, at=at, loan_id=event.data["found"], found_at=event.at)


FOUND_BY_LENDING = Handler(
    name="found_by_lending",
    events=frozenset({"loan.checked_out"}),
    wants=lambda data: bool(data.get("found")),
    handle=_handle,
)
