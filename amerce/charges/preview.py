"""What a payment would do, before anybody pays.

Why a query and not a payment rolled back: a page asks with every amount that is typed, and must lock nobody out.
"""

from collections.abc import Sequence

from amerce.access.actors import Actor
from amerce.charges import allocation
from amerce.charges.allocation import Plan
from amerce.charges.books import chosen
from amerce.charges.models import Fee
from amerce.charges.queries import bound_unused_minor, chosen_fees, fees_of
from amerce.institutions.models import Institution


def plan_payment(
    actor: Actor, institution: Institution, patron_id: int, fee_ids: Sequence[int] | None, amount_minor: int | None
) -> Plan:
    """How ``pay`` would share out this payment now. Raises what ``pay`` raises about fees and amounts."""
    if fee_ids is None:
        active = fees_of(actor, patron_id).filter(status=Fee.Status.ACTIVE)
        return allocation.plan_payment(institution, list(active), amount_minor, chosen_payable_minor=None)
    debts = chosen_fees(actor, patron_id, chosen(fee_ids))
    bound = bound_unused_minor(actor, patron_id, fee_ids)
    return allocation.plan_payment(
        institution,
        debts,
        amount_minor,
        chosen_payable_minor=lambda fee: fee.remaining_minor - bound.get(fee.pk, 0),
    )
