"""What a page offers for a loan: what its status allows and the person may do (row A11).

Why only offered and not decided here: the commands decide; this keeps a page from offering what they refuse.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from amerce.access.actors import Actor
from amerce.access.can import can
from amerce.access.privileges import Privilege
from amerce.circulation.models import Loan
from amerce.circulation.states import ALLOWED_IN, Action


@dataclass(frozen=True)
class Mark:
    """An entry of the row's menu. ``slug`` stands in the address."""

    slug: str
    action: Action
    label: str | Promise


CLAIMED_RETURN = Mark("claimed-return", Action.CLAIM_RETURN, gettext_lazy("Claimed Return"))
LOST = Mark("lost", Action.MARK_LOST, gettext_lazy("Lost"))
FOUND = Mark("found", Action.MARK_FOUND, gettext_lazy("Found"))
MARKS = (CLAIMED_RETURN, LOST, FOUND)


def marks_for(actor: Actor, loan: Loan) -> tuple[Mark, ...]:
    """The marks to offer in the row of ``loan``."""
    if not can(actor, Privilege.LOAN_MARK):
        return ()
    return tuple(each for each in MARKS if loan.status in ALLOWED_IN[each.action])


def may_renew(actor: Actor, loan: Loan) -> bool:
    """Whether to offer renewing ``loan``."""
    return loan.status in ALLOWED_IN[Action.RENEW] and can(actor, Privilege.LOAN_RENEW)
