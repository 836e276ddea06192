"""Charging many patrons in one transaction: what a slice of a job charges by a rule, without anybody at a desk.

Why beside ``assess``: a job pays for every statement a thousand times. What is charged and how says ``charge_on``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.assess import charge_on
from amerce.charges.many_books import ManyBooks


@dataclass(frozen=True)
class NewCharge:
    """``amount_minor`` to be charged to a patron, owned by a library, or by the institution without one."""

    patron_id: int
    amount_minor: int
    owner_library_id: int | None
    comment: str = ""


def assess_many(many: ManyBooks, type_code: str, charges: Sequence[NewCharge]) -> None:
    """Charge each of ``charges`` as ``assess`` would, on books that the caller opened and closes.

    The type may be disabled: that ends charging by hand only. Raises ``NotAllowed`` and of ``charges.errors``
    ``TypeUnknown``, ``AmountOutOfRange``, ``TextTooLong``.
    """
    require(many.actor, Privilege.FEE_ACCRUE)
    for each in charges:
        books = many.of[each.patron_id]
        books.check_amount(each.amount_minor)
        charge_on(
            books,
            books.fee_type(type_code),
            each.amount_minor,
            owner_id=each.owner_library_id,
            comment=each.comment,
        )
        many.enter(books, "fee.assessed")
