"""Which verbs a page offers for a fee: those its status allows and the person may do.

Why only offered and not decided here: the commands decide; this keeps a page from offering what they refuse.
"""

from amerce.access.actors import Actor
from amerce.access.can import can
from amerce.access.privileges import Privilege
from amerce.charges.models import Fee
from amerce.charges.refund import refundable_minor
from amerce.charges.states import ALLOWED_IN, Verb

_PRIVILEGE = {
    Verb.PAY: Privilege.FEE_PAY,
    Verb.WAIVE: Privilege.FEE_WAIVE,
    Verb.DISPUTE: Privilege.FEE_DISPUTE,
    Verb.RESTORE: Privilege.FEE_RESTORE,
    Verb.REFUND: Privilege.FEE_REFUND,
    Verb.LINK_ITEM: Privilege.FEE_LINK_ITEM,
}


def offered(actor: Actor, fee: Fee) -> set[Verb]:
    """The verbs to offer in the row of ``fee``."""
    return {verb for verb, privilege in _PRIVILEGE.items() if _fits(fee, verb) and can(actor, privilege)}


def _fits(fee: Fee, verb: Verb) -> bool:
    if fee.status not in ALLOWED_IN[verb]:
        return False
    if verb is Verb.REFUND:
        return refundable_minor(fee) > 0 and not fee.was_exported
    if fee.is_credit:
        return verb is Verb.LINK_ITEM
    return fee.type.is_waivable if verb is Verb.WAIVE else True
