"""Lending a copy and taking it back late: the road on which most fines begin."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from amerce.charges.models import FeeType
from amerce.circulation.checkout import checkout
from amerce.circulation.models import Item
from amerce.circulation.reckoning import OVERDUE_TYPE
from amerce.circulation.return_item import return_item
from amerce.perf import lending_limit as limit
from amerce.perf.case import Case
from amerce.perf.ground import VAT_RATE_BP, Ground, now
from amerce.perf.plain import Plain

LENT_AT = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
BACK_AT = LENT_AT + timedelta(days=38)
"""Ten days after the loan of four weeks was due."""
_serial = count(1)


@dataclass(frozen=True)
class Copy:
    """A copy on the shelf and who comes for it."""

    patron_id: int
    barcode: str
    fee_id: int = 0


def copies(ground: Ground, operations: int) -> list[Any]:
    FeeType.objects.filter(institution_id=ground.institution_id, code=OVERDUE_TYPE).update(vat_rate_bp=VAT_RATE_BP)
    token = now().timestamp()
    items = Item.objects.bulk_create(
        Item(
            institution_id=ground.institution_id,
            library_id=ground.library_id,
            title="The leopard",
            barcode=f"{token}-{next(_serial)}",
        )
        for _ in range(operations)
    )
    patrons = ground.spread(operations)
    return [Copy(patron_id, item.barcode) for patron_id, item in zip(patrons, items, strict=True)]


def _lend(ground: Ground, _: Plain, copy: Copy) -> None:
    checkout(actor=ground.actor, at=LENT_AT, patron_id=copy.patron_id, barcode=copy.barcode)
    return_item(actor=ground.actor, at=BACK_AT, barcode=copy.barcode)


def _limit_lend(ground: Ground, plain: Plain, copy: Copy) -> None:
    limit.checkout(ground, plain, at=LENT_AT, patron_id=copy.patron_id, barcode=copy.barcode)
    limit.return_item(ground, plain, at=BACK_AT, barcode=copy.barcode)


CASES = (Case("checkout + return + fine", copies, _lend, _limit_lend),)
