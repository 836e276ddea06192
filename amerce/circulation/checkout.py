"""Lending a copy (row A10)."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from amerce.access.actors import Actor
from amerce.access.can import can, require
from amerce.access.privileges import Privilege
from amerce.charges.locks import lock_account
from amerce.circulation.blocks import Action, Awaited, borrower, forbidden_to, let_through
from amerce.circulation.due import due_after
from amerce.circulation.errors import ItemNotFound, ItemOnLoan
from amerce.circulation.models import Item, Loan, Request
from amerce.circulation.opening import openings
from amerce.circulation.outcome import LoanOutcome
from amerce.circulation.proxies import who_came
from amerce.circulation.terms import terms_table
from amerce.events.record import event_of, record_all
from amerce.inputs.checks import can_be_stored
from amerce.sql import Select, fresh, insert, update_all


def checkout(
    *,
    actor: Actor,
    at: datetime,
    patron_id: int,
    barcode: str,
    override_reason: str = "",
    proxy_id: int | None = None,
) -> LoanOutcome:
    """Lend the copy with ``barcode`` by the most specific terms of use, at any desk; the patron's own request for it
    is fulfilled.

    A blocked patron is let through for a reason by who may override, and so is one who takes a copy for which
    somebody else waits first; that request stays open. ``proxy_id`` is the proxy who came for the patron. Raises
    ``NotAllowed``, ``PatronNotFound``, ``PatronBlocked``, ``NoTerms`` and of ``circulation.errors``:
    ``ItemNotFound``, ``ItemOnLoan``, ``NotProxy``.
    """
    require(actor, Privilege.LOAN_CHECKOUT)
    try:
        with transaction.atomic():
            return _lend(actor, at, patron_id, barcode, override_reason=override_reason, proxy_id=proxy_id)
    except IntegrityError:  # two lent it at the same moment: the database lets one of them
        _item_in(actor, patron_id, barcode)
        raise


def _lend(
    actor: Actor, at: datetime, patron_id: int, barcode: str, *, override_reason: str, proxy_id: int | None
) -> LoanOutcome:
    institution = lock_account(actor.institution_id, patron_id).institution
    came = who_came(actor, at, patron_id, proxy_id)
    item, patron = _item_in(actor, patron_id, barcode), borrower(actor, patron_id)
    awaited = _awaited(actor, patron_id, item)
    blocks = (*forbidden_to(patron, at=at)[Action.CHECKOUT], *awaited)
    overridden = let_through(actor, patron_id, blocks, override_reason)
    terms = terms_table(institution.pk).for_loan(
        group_id=patron.group_id, item_policy=item.policy_code, library_id=item.library_id
    )
    opening = openings(institution.pk, [item.library_id])[item.library_id]
    loan = fresh(
        Loan,
        institution_id=institution.pk,
        library_id=item.library_id,
        patron_id=patron_id,
        item_id=item.pk,
        loaned_at=at,
        due_at=due_after(terms, at, zone=institution.zone, opening=opening),
    )
    insert([loan])
    data = {
        "loan": loan.pk,
        "item": item.pk,
        "terms": terms.pk,
        "due_at": loan.due_at.isoformat(),
        **overridden,
        **came,
    }
    if item.lost_loan_id:
        data["found"] = item.lost_loan_id
    if awaited:
        data["passed_over"] = awaited[0].request_id
    events = [event_of("loan.checked_out", actor=actor, at=at, patron_id=patron_id, data=data)]
    fulfilled_id = _fulfil(patron_id, item, at) if item.is_awaited else None
    if fulfilled_id is not None:
        data = {"request": fulfilled_id, "item": item.pk}
        events.append(event_of("request.fulfilled", actor=actor, at=at, patron_id=patron_id, data=data))
    record_all(events)
    return LoanOutcome(loan.pk, patron_id, loan.due_at, terms.name)


def _item_in(actor: Actor, patron_id: int, barcode: str) -> Any:
    """The item, with whether the patron waits for it and who is the first to wait, if it is not out."""
    wanted = barcode.strip()
    item: Any = _ITEM.first(actor.institution_id, wanted, patron_id) if can_be_stored(wanted) else None
    if item is None:
        raise ItemNotFound(barcode)
    if item.is_out:
        raise ItemOnLoan(item.barcode, with_this_patron=item.lent_to_id == patron_id)
    return item


def _awaited(actor: Actor, patron_id: int, item: Any) -> list[Awaited]:
    """Who goes before the patron in the queue for the copy, named to whoever has the clearance."""
    if item.first_waiting_id is None or item.first_waiting_id == patron_id:
        return []
    queue = Request.objects.filter(institution_id=actor.institution_id, item=item, closed_at=None)
    first = queue.select_related("patron").order_by("placed_at", "pk").first()
    if first is None or first.patron_id == patron_id:  # given up at this moment
        return []
    names = can(actor, Privilege.PATRON_FIND_BY_NAME)
    return [Awaited(first.pk, first.waiter_name if names else "")]


def _fulfil(patron_id: int, item: Item, at: datetime) -> int | None:
    requests = _REQUESTS.rows(item.institution_id, patron_id, item.pk)
    for each in requests:
        each.closed_at = at
    update_all(requests, ("closed_at",))
    return requests[0].pk if requests else None


def _item(institution_id: int, barcode: str, patron_id: int) -> QuerySet[Item]:
    out = Loan.objects.filter(item=OuterRef("pk"), returned_at=None, closed_at=None)
    lost = Loan.objects.filter(
        item=OuterRef("pk"), status=Loan.Status.LOST, returned_at=None, closed_at__isnull=False, patron__isnull=False
    )
    waiting = Request.objects.filter(item=OuterRef("pk"), closed_at=None).order_by("placed_at", "pk")
    return Item.objects.filter(institution_id=institution_id, barcode=barcode).annotate(
        is_out=Exists(out),
        lent_to_id=Subquery(out.values("patron_id")),
        lost_loan_id=Subquery(lost.order_by("-closed_at").values("pk")[:1]),
        is_awaited=Exists(waiting.filter(patron_id=patron_id)),
        first_waiting_id=Subquery(waiting.values("patron_id")[:1]),
    )


_ITEM = Select(_item)
_REQUESTS = Select(
    lambda institution_id, patron_id, item_id: Request.objects.select_for_update().filter(
        institution_id=institution_id, patron_id=patron_id, item_id=item_id, closed_at=None
    )
)
