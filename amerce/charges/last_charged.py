"""When a loan was charged last: up to where what stands charged for it was reckoned.

Why from the transfers: a fee's own dates move on with its next payment.
"""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Max

from amerce.ledger.chart import Kind
from amerce.ledger.models import Transfer


def last_charged_at(institution_id: int, loan_ids: Collection[int], type_codes: Collection[str]) -> dict[int, datetime]:
    """Loan id to the moment of its last charge of these types. One query.

    For reckonings, which commands and jobs begin that asked whether they may.
    """
    charges = Transfer.objects.filter(
        institution_id=institution_id,
        kind=Kind.CHARGE,
        fee__loan__in=loan_ids,
        fee__type__code__in=type_codes,
    )
    return dict(charges.order_by().values_list("fee__loan").annotate(last=Max("at")))
