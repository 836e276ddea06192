"""Placing a request: the patron waits for an item, and who has it may have to bring it back earlier (row A12)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.circulation.blocks import Action, blocks_of, let_through
from amerce.circulation.errors import AlreadyRequested, ItemOnLoan, PickupUnknown
from amerce.circulation.locked import item_of
from amerce.circulation.models import Item, Loan, Request
from amerce.circulation.proxies import who_came
from amerce.circulation.recall import recall
from amerce.events.record import record
from amerce.institutions.queries import open_libraries


@dataclass(frozen=True)
class PlacedRequest:
    """``place`` counts from 1, in the queue for the copy. ``recalled_due_at`` is when a recalled copy is due."""

    request: Request
    place: int
    recalled_due_at: datetime | None


def place_request(
    *,
    actor: Actor,
    at: datetime,
    patron_id: int,
    barcode: str,
    pickup_library_id: int,
    override_reason: str = "",
    proxy_id: int | None = None,
) -> PlacedRequest:
    """Let the patron wait for the item with ``barcode``, to be fetched at a library. A copy that is out is recalled.

    ``proxy_id`` is the proxy who came for the patron.

    Raises ``NotAllowed``, ``PatronNotFound``, ``PatronBlocked``, ``NoTerms`` and of ``circulation.errors``:
    ``ItemNotFound``, ``ItemOnLoan`` when the patron has it, ``AlreadyRequested``, ``PickupUnknown``,
    ``NotProxy``.
    """
    require(actor, Privilege.REQUEST_PLACE)
    item = item_of(actor, barcode)
    if not open_libraries(actor.institution_id).filter(pk=pickup_library_id).exists():
        raise PickupUnknown
    try:
        with transaction.atomic():
            came = who_came(actor, at, patron_id, proxy_id)
            blocks = blocks_of(actor, patron_id, Action.REQUEST, at=at)
            overridden = let_through(actor, patron_id, blocks, override_reason)
            loan = _out(item)
            if loan is not None and loan.patron_id == patron_id:
                raise ItemOnLoan(item.barcode, with_this_patron=True)
            request = Request.objects.create(
                institution_id=actor.institution_id,
                patron_id=patron_id,
                item=item,
                pickup_id=pickup_library_id,
                placed_at=at,
            )
            data = {"request": request.pk, "item": item.pk, "pickup": pickup_library_id, **overridden, **came}
            record("request.placed", actor=actor, at=at, patron_id=patron_id, data=data)
            recalled = loan is not None and recall(actor, at, loan, request)
            return PlacedRequest(request, _waiting(item).count(), loan.due_at if loan and recalled else None)
    except IntegrityError as error:
        if not _waiting(item).filter(patron_id=patron_id).exists():
            raise
        raise AlreadyRequested(item.barcode) from error


def _waiting(item: Item) -> QuerySet[Request]:
    return Request.objects.filter(institution_id=item.institution_id, item=item, closed_at=None)


def _out(item: Item) -> Loan | None:
    out = Loan.objects.select_for_update(of=("self",)).select_related("item", "patron", "institution")
    return out.filter(institution_id=item.institution_id, item=item, returned_at=None, closed_at=None).first()
