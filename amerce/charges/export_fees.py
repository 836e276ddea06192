"""Handing many patrons' fees over to the bursar by as few statements as one takes (rows D1, D3, D4).

Why again under the lock: between the selection and this somebody may have paid, disputed or waived; such a fee drops
out and is told. What moves and by which rule says ``export.py``, as for one.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.draft import Move
from amerce.charges.export import EXPORTED, exportable_minor, give_transaction_ids, hand_over
from amerce.charges.many_books import open_many_books
from amerce.charges.models import Fee
from amerce.institutions.models import Institution

CREDIT_EXPORTED = "credit.exported"
"""The event of what is exported as a negative sum."""


@dataclass(frozen=True)
class HandedOver:
    """What was exported of a fee, negative of a CREDIT, in minor units, and by which transfer."""

    amount_minor: int
    transfer_id: int


@dataclass(frozen=True)
class Exported:
    """By fee id what was exported, and what dropped out with the status in which it was found."""

    handed_over: Mapping[int, HandedOver]
    dropped: Mapping[int, str]


def export_fees(
    *,
    actor: Actor,
    at: datetime,
    institution: Institution,
    fees: Sequence[tuple[int, int]],
    awaits_payment: bool,
    is_wanted: Callable[[Mapping[int, int]], Callable[[int], bool]],
) -> Exported:
    """Export of ``fees``, pairs of patron and fee id, what remains; each patron gets one event for debts and one for
    credits.

    ``is_wanted`` is given what could be exported of each fee under the lock and answers which are wanted still. Must
    run in a transaction. Raises ``NotAllowed``, ``PatronNotFound``, ``SequenceFull``, and of ``charges.errors``
    ``TransactionIdTaken``, ``InternalNumberTaken``.
    """
    require(actor, Privilege.FEE_EXPORT)
    by_patron: dict[int, list[int]] = defaultdict(list)
    for patron_id, fee_id in fees:
        by_patron[patron_id].append(fee_id)
    many = open_many_books(
        actor=actor,
        at=at,
        institution=institution,
        patron_ids=by_patron,
        fee_ids=[fee_id for _patron_id, fee_id in fees],
    )
    found = {fee_id: many.of[patron_id].fees.get(fee_id) for patron_id, fee_id in fees}
    amounts = {fee.pk: exportable_minor(many.of[fee.patron_id], fee) for fee in found.values() if fee is not None}
    wanted = is_wanted(amounts)
    moves: dict[int, Move] = {}
    handed: list[Fee] = []
    for patron_id, fee_ids in sorted(by_patron.items()):
        books = many.of[patron_id]
        mine = [books.fees[fee_id] for fee_id in sorted(fee_ids) if amounts.get(fee_id) and wanted(fee_id)]
        for event in (EXPORTED, CREDIT_EXPORTED):
            rows = [fee for fee in mine if fee.is_credit == (event == CREDIT_EXPORTED)]
            for fee in rows:
                moves[fee.pk] = hand_over(books, fee, awaits_payment=awaits_payment)
            if rows:
                many.enter(books, event)
            handed += rows
    give_transaction_ids(handed)
    for books in many.of.values():
        books.draft.gives_ids = True
    transfers = many.close()
    return Exported(
        {fee_id: HandedOver(amounts[fee_id], transfers[move]) for fee_id, move in moves.items()},
        {fee_id: fee.status if fee else "" for fee_id, fee in found.items() if fee_id not in moves},
    )
