"""What follows when the lost charges of a loan move: the loan leaves the patron's list, or comes back to it.

Why after the transaction: a payment stands whether or not a loan can be closed (``docs/adr/0013``).
"""

from datetime import datetime

from amerce.access.actors import system_actor
from amerce.access.privileges import Privilege
from amerce.circulation.close_paid_lost_loan import close_paid_lost_loan
from amerce.circulation.reopen_lost_loan import reopen_lost_loan
from amerce.events.handlers import Handler
from amerce.events.models import Event


def _handle(event: Event, at: datetime) -> None:
    assert event.institution_id is not None, "charges belong to an institution"
    actor = system_actor(event.institution_id, PAID_LOST_LOANS.name, Privilege.LOAN_MARK)
    for loan_id in event.data["lost_loans"]:
        if not close_paid_lost_loan(actor=actor, at=at, loan_id=loan_id):
            reopen_lost_loan(actor=actor, at=at, loan_id=loan_id)


PAID_LOST_LOANS = Handler(
    name="close_paid_lost_loan",
    events=frozenset({"fee.paid", "fee.waived", "fee.exported", "transfer.corrected"}),
    wants=lambda data: bool(data.get("lost_loans")),
    handle=_handle,
)
