"""Waiving whole fees of many patrons at once, each by the rules of ``waive.py`` (rows B7, B15).

Why set-based: a bulk waiver of a hundred thousand fees by one command each waits for the database most of its time.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.charges.many_books import open_many_books
from amerce.charges.waive import check_waivable, waive_one
from amerce.institutions.models import Institution


@dataclass(frozen=True)
class Waived:
    """What was waived of one patron: so many fees and so much, by the transfers ``first_seq`` to ``last_seq``."""

    patron_id: int
    fees: int
    amount_minor: int
    first_seq: int
    last_seq: int


def waive_many(
    *,
    actor: Actor,
    at: datetime,
    institution: Institution,
    patron_ids: Collection[int],
    choose_fees: Callable[[], Collection[int]],
    reason: str,
    comment: str,
    data: Mapping[str, Any],
) -> list[Waived]:
    """Waive all that can be paid of the fees which ``choose_fees`` names once the patrons' accounts are locked.

    Writes one event for each patron, ``fee.waived`` with ``data`` in it, and keeps no keys: who calls this knows what
    was done. ``reason`` is one that could be chosen when this was asked for. Must run in a transaction, which holds
    the accounts to its end. No ceiling holds for a fee or a patron here. Raises ``NotAllowed``, ``PatronNotFound``,
    and of ``charges.errors``: ``StatusForbids``, ``TypeNotWaivable``, ``TextTooLong``.
    """
    require_for(actor, Privilege.BULK_WAIVE, EVERYWHERE)
    many = open_many_books(actor=actor, at=at, institution=institution, patron_ids=patron_ids, choose_fees=choose_fees)
    waived = []
    for patron_id, books in many.of.items():
        amounts = [(fee, books.payable_minor(fee)) for fee in list(books.fees.values()) if not fee.is_credit]
        amounts = [(fee, amount_minor) for fee, amount_minor in amounts if amount_minor > 0]
        if not amounts:
            continue
        first_seq = books.account.seq + 1
        note = books.note(comment)
        for fee, amount_minor in amounts:
            check_waivable(fee)
            waive_one(books, fee, amount_minor, reason, note)
        many.enter(books, "fee.waived", {"reason": reason, **data})
        total_minor = sum(amount_minor for _fee, amount_minor in amounts)
        waived.append(Waived(patron_id, len(amounts), total_minor, first_seq, first_seq + len(amounts) - 1))
    many.close()
    return waived
