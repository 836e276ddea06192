"""The one table of what may be done to a loan in which status (row A11).

Why one table: a menu that leaves an action out, a command that refuses it and a test that lists it must agree.
"""

from enum import StrEnum

from amerce.circulation.errors import LoanStatusForbids
from amerce.circulation.models import Loan

Status = Loan.Status
_OUT = frozenset({Status.NORMAL, Status.RENEW, Status.RECALL})


class Action(StrEnum):
    """What can be done to a loan that is out, by the name of the file that does it."""

    RENEW = "renew"
    CLAIM_RETURN = "claim_return"
    MARK_LOST = "mark_lost"
    MARK_FOUND = "mark_found"


ALLOWED_IN: dict[Action, frozenset[Status]] = {
    Action.RENEW: frozenset({Status.NORMAL, Status.RENEW}),
    Action.CLAIM_RETURN: _OUT,
    Action.MARK_LOST: _OUT | {Status.CLAIMED_RETURN},
    Action.MARK_FOUND: frozenset({Status.CLAIMED_RETURN, Status.LOST}),
}


def check_status(loan: Loan, action: Action) -> None:
    """Raise ``LoanStatusForbids`` unless the status of ``loan`` allows ``action``."""
    if loan.status not in ALLOWED_IN[action]:
        raise LoanStatusForbids(action, loan.pk, loan.status)


def status_on_loan(loan: Loan) -> Status:
    """The status of a loan that is neither claimed returned nor lost any more."""
    if loan.recalled_at is not None:
        return Status.RECALL
    return Status.RENEW if loan.renewals else Status.NORMAL
