"""Linking an item to an existing fee (row B11)."""

from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.assess import ItemFacts
from amerce.charges.books import open_books
from amerce.charges.codes import require_item
from amerce.charges.outcome import Outcome
from amerce.charges.request import Request
from amerce.charges.states import Verb


def link_item(
    *,
    actor: Actor,
    at: datetime,
    patron_id: int,
    fee_id: int,
    item: ItemFacts,
    form_key: str = "",
    expected_seq: int | None = None,
) -> Outcome:
    """Put ``item`` on the fee, in place of the one it had. No money moves.

    The event keeps both barcodes, and the title of before for the receipts of before.

    Raises ``NotAllowed``, ``PatronNotFound`` and of ``charges.errors``: ``FeeNotFound``, ``ItemUnknown``,
    ``TextTooLong``, ``StaleAccount``, ``KeyConflict``.
    """
    require(actor, Privilege.FEE_LINK_ITEM)
    request = Request(
        verb=Verb.LINK_ITEM,
        inputs={"fee": fee_id, "item": item.item_id},
        form_key=form_key,
        expected_seq=expected_seq,
    )
    with transaction.atomic():
        books = open_books(actor=actor, at=at, patron_id=patron_id, fee_ids=[fee_id])
        if done := books.answered(request):
            return done
        fee = books.fee(fee_id, Verb.LINK_ITEM)
        require_item(actor.institution_id, item.item_id)
        before = {"barcode_before": fee.barcode, "title_before": fee.title}
        fee.item_id, fee.title, fee.barcode = item.item_id, item.title, item.barcode
        fee.save(update_fields=["item", "title", "barcode"])
        return books.close(request, "fee.item_linked", {"fee": fee_id, "barcode": item.barcode, **before})
