"""Charging a patron by hand: Add Fine or Fee (row B4)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.can import require, require_amount
from amerce.access.privileges import Privilege
from amerce.charges.books import Books, open_books
from amerce.charges.codes import enabled_type, require_item, require_open_library
from amerce.charges.errors import CreatedInFuture, DeskRequired, OwnerUnknown, TypeNotManual
from amerce.charges.models import CREDIT_TYPE, Fee, FeeType
from amerce.charges.outcome import Outcome
from amerce.charges.request import Request
from amerce.charges.states import Verb
from amerce.ledger import chart
from amerce.ledger.chart import Kind


@dataclass(frozen=True)
class ItemFacts:
    """What a fee keeps of an item, also when the item is gone. Made by ``circulation.queries.item_facts``."""

    item_id: int
    title: str
    barcode: str


def assess(
    *,
    actor: Actor,
    at: datetime,
    patron_id: int,
    type_code: str,
    amount_minor: int,
    owner_library_id: int | None = None,
    item: ItemFacts | None = None,
    comment: str = "",
    created_at: datetime | None = None,
    form_key: str = "",
    expected_seq: int | None = None,
) -> Outcome:
    """Charge ``amount_minor`` of ``type_code``; a ``CREDIT``, typed positive, is given instead of charged.

    A library-owned type needs a circulation desk and belongs to ``owner_library_id``, by default the desk's
    library; an application is at no desk and names the library. An institution-owned type takes none. The VAT rate of
    the type is frozen on the fee. ``created_at`` is when it was charged elsewhere: the ledger holds that time, and the
    event, which happens ``at``, says it. Raises
    ``NotAllowed``, ``AboveCeiling``, ``PatronNotFound`` and of ``charges.errors``: ``TypeUnknown``,
    ``TypeNotManual``, ``DeskRequired``, ``OwnerUnknown``, ``ItemUnknown``, ``AmountOutOfRange``, ``TextTooLong``,
    ``CreatedInFuture``, ``StaleAccount``, ``KeyConflict``.
    """
    is_credit = type_code == CREDIT_TYPE
    privilege = Privilege.FEE_CREDIT if is_credit else Privilege.FEE_ADD
    require(actor, privilege)
    request = Request(
        verb=Verb.ASSESS,
        inputs={
            "type": type_code,
            "amount": amount_minor,
            "owner": owner_library_id,
            "item": item.item_id if item else None,
            "comment": comment,
            **({"created": created_at.isoformat()} if created_at else {}),
        },
        form_key=form_key,
        expected_seq=expected_seq,
    )
    with transaction.atomic():
        books = open_books(actor=actor, at=created_at or at, patron_id=patron_id, recorded_at=at)
        if done := books.answered(request):
            return done
        fee_type = enabled_type(actor.institution_id, type_code)
        if not fee_type.is_manual:
            raise TypeNotManual(type_code)
        if created_at is not None and created_at > at:
            raise CreatedInFuture
        owner_id = owner_of(actor, fee_type, owner_library_id)
        require_item(actor.institution_id, item.item_id if item else None)
        books.check_amount(amount_minor)
        require_amount(actor, privilege, amount_minor)
        charge_on(books, fee_type, amount_minor, owner_id=owner_id, item=item, comment=comment)
        data = {"charged_at": created_at.isoformat()} if created_at else None
        return books.close(request, "credit.granted" if is_credit else "fee.assessed", data)


def charge_on(
    books: Books,
    fee_type: FeeType,
    amount_minor: int,
    *,
    owner_id: int | None,
    item: ItemFacts | None = None,
    comment: str = "",
) -> Fee:
    """A new fee of ``amount_minor`` on open books, for one who may and for an amount that was checked."""
    is_credit = fee_type.code == CREDIT_TYPE
    note = books.note(comment)
    fee = books.open_fee(
        fee_type,
        owner_id=owner_id,
        note=note,
        item_id=item.item_id if item else None,
        title=item.title if item else "",
        barcode=item.barcode if item else "",
    )
    books.move(
        Kind.CREDIT if is_credit else Kind.CHARGE,
        debit=chart.income(fee_type.code) if is_credit else chart.ACTIVE,
        credit=chart.CREDIT if is_credit else chart.income(fee_type.code),
        amount_minor=amount_minor,
        fee=fee,
        credit_fee=fee if is_credit else None,
        note=note,
    )
    return fee


def owner_of(actor: Actor, fee_type: FeeType, library_id: int | None) -> int | None:
    """The library that will own a fee of ``fee_type`` made by hand, None for the institution."""
    if fee_type.owner_kind == FeeType.Owner.INSTITUTION:
        if library_id is not None:
            raise OwnerUnknown
        return None
    if actor.desk_id is None and not actor.is_application:
        raise DeskRequired
    if library_id is None:
        if actor.library_id is None:
            raise OwnerUnknown
        return actor.library_id
    require_open_library(actor.institution_id, library_id)
    return library_id
