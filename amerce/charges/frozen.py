"""The days on which fees of a loan were in dispute: they are never charged, also not after a restore (row B8).

Why from the transfers alone: what stood in ``patron:disputed`` on a day never changes, while the status of the fee
moves on with the next payment.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, tzinfo

from django.db.models import Q

from amerce.ledger.chart import DISPUTED
from amerce.ledger.models import Transfer
from amerce.sql import among

Days = tuple[date, date | None]
"""From the day of a dispute to that of its end, which is not in it; to None while it lasts."""


def frozen_days(
    institution_id: int, loan_ids: Collection[int], type_codes: Collection[str], zone: tzinfo
) -> dict[int, list[Days]]:
    """Loan id to the days, in ``zone``, of each dispute of its fees. One query.

    A dispute lasts while something of the fee stands in ``patron:disputed``: its restore ends it, and so does a
    waiver or a correction that leaves nothing. For reckonings, which commands and jobs begin that asked whether they
    may.
    """
    moves = Transfer.objects.filter(
        Q(debit=DISPUTED) | Q(credit=DISPUTED),
        among("fee__loan_id", loan_ids),
        institution_id=institution_id,
        fee__type__code__in=type_codes,
    )
    days: dict[int, list[Days]] = defaultdict(list)
    disputed: dict[int, int] = defaultdict(int)
    began: dict[int, tuple[int, date]] = {}
    columns = moves.order_by("fee_id", "seq").values_list("fee_id", "fee__loan", "debit", "amount_minor", "at")
    for fee_id, loan_id, debit, amount_minor, at in columns:
        day = at.astimezone(zone).date()
        if disputed[fee_id] == 0:
            began[fee_id] = loan_id, day
        disputed[fee_id] += amount_minor if debit == DISPUTED else -amount_minor
        if disputed[fee_id] == 0:
            days[loan_id].append((began.pop(fee_id)[1], day))
    for loan_id, first in began.values():
        days[loan_id].append((first, None))
    return days
