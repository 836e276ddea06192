"""What a payment would do, before anybody pays.

Why a query and not a payment rolled back: a page asks with every amount that is typed, and must lock nobody out.
"""

from collections.abc import Sequence

from django.db.models import Count, Q, QuerySet, Sum

from amerce.access.actors import Actor
from amerce.charges import allocation
from amerce.charges.allocation import Plan
from amerce.charges.models import Fee
from amerce.charges.queries import bound_unused_minor, chosen_fees, fees_of
from amerce.charges.request import chosen
from amerce.institutions.models import Institution


def owed_for_all(actor: Actor, patron_id: int) -> tuple[int, int]:
    """The money that paying all would take, credits used first, and how many fees it would settle.

    Why not a plan: a page that only names the sum must not read every fee of an account of thousands. One query,
    and another where credits are bound.
    """
    active = fees_of(actor, patron_id).filter(status=Fee.Status.ACTIVE).order_by()
    sums = active.aggregate(
        owed=Sum("remaining_minor", filter=Q(remaining_minor__gt=0)),
        count=Count("pk", filter=Q(remaining_minor__gt=0)),
        unbound=Sum("remaining_minor", filter=Q(remaining_minor__lt=0, bound_to=None)),
        bound=Count("pk", filter=Q(remaining_minor__lt=0, bound_to__isnull=False)),
    )
    settled = _settled_by_bound(active) if sums["bound"] else 0
    return max(0, (sums["owed"] or 0) - settled + (sums["unbound"] or 0)), sums["count"]


def plan_payment(
    actor: Actor, institution: Institution, patron_id: int, fee_ids: Sequence[int] | None, amount_minor: int | None
) -> Plan:
    """How ``pay`` would share out this payment now. Raises what ``pay`` raises about fees and amounts.

    The fees of a plan for all hold no more than a plan needs, since there may be thousands of them; whoever shows
    some reads those with ``chosen_fees``.
    """
    if fee_ids is None:
        active = fees_of(actor, patron_id).filter(status=Fee.Status.ACTIVE).select_related(None).order_by()
        active = active.only("created_at", "original_minor", "remaining_minor", "bound_to")
        return allocation.plan_payment(institution, list(active), amount_minor, chosen_payable_minor=None)
    debts = chosen_fees(actor, patron_id, chosen(fee_ids))
    bound = bound_unused_minor(actor, patron_id, fee_ids)
    return allocation.plan_payment(
        institution,
        debts,
        amount_minor,
        chosen_payable_minor=lambda fee: fee.remaining_minor - bound.get(fee.pk, 0),
    )


def _settled_by_bound(active: QuerySet[Fee]) -> int:
    bound = active.filter(remaining_minor__lt=0, bound_to__status=Fee.Status.ACTIVE, bound_to__remaining_minor__gt=0)
    rows = bound.values_list("bound_to", "bound_to__remaining_minor").annotate(unused=Sum("remaining_minor"))
    return sum(min(remaining, -unused) for _fee, remaining, unused in rows)
