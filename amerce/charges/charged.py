"""What stands charged for loans, read without a lock: so that a loan with nothing to move costs none."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from amerce.charges.models import Fee
from amerce.sql import among


@dataclass
class Charged:
    """What was charged for one loan and fee type less what was taken back, in minor units, and the fees it is on."""

    minor: int = 0
    fee_ids: tuple[int, ...] = ()
    is_disputed: bool = False


def charges_of_loans(
    institution_id: int, loan_ids: Collection[int], type_codes: Collection[str]
) -> dict[tuple[int, str], Charged]:
    """By loan id and type; a pair without a fee answers zero. One query.

    Whoever moves money compares again under lock (``charges/loan_charge.py``). For commands and jobs that asked
    whether they may.
    """
    charged: dict[tuple[int, str], Charged] = defaultdict(Charged)
    fees = Fee.objects.filter(among("loan_id", loan_ids), institution_id=institution_id, type__code__in=type_codes)
    columns = ("pk", "loan_id", "type__code", "status", "original_minor", "reduced_minor")
    for fee_id, loan_id, code, status, original_minor, reduced_minor in fees.order_by("pk").values_list(*columns):
        one = charged[loan_id, code]
        one.minor += original_minor - reduced_minor
        one.fee_ids += (fee_id,)
        one.is_disputed |= status == Fee.Status.INDISPUTE
    return charged
