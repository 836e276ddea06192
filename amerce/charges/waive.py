"""Waiving one fee or the chosen ones, wholly or in part (rows B6, B7)."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.can import require, require_amount
from amerce.access.privileges import Privilege
from amerce.charges.books import Books, open_books, receivable
from amerce.charges.codes import require_reason
from amerce.charges.errors import MoreThanOwed, NothingOwed, TypeNotWaivable
from amerce.charges.models import LOST_REPLACEMENT_TYPE, Fee
from amerce.charges.outcome import Outcome
from amerce.charges.request import Request, chosen
from amerce.charges.states import Verb, check_status
from amerce.ledger import chart
from amerce.ledger.chart import Kind
from amerce.patrons.models import Note


def waive(
    *,
    actor: Actor,
    at: datetime,
    patron_id: int,
    amounts_minor: Mapping[int, int | None],
    reason: str,
    comment: str = "",
    form_key: str = "",
    expected_seq: int | None = None,
) -> Outcome:
    """Waive for each fee id of ``amounts_minor`` its amount, None for all that remains, for one ``reason``.

    A disputed fee can be waived and stays disputed until nothing remains. Raises ``NotAllowed``, ``AboveCeiling``,
    ``PatronNotFound`` and of ``charges.errors``: ``NothingChosen``, ``FeeNotFound``, ``StatusForbids``,
    ``TypeNotWaivable``, ``ReasonUnknown``, ``NothingOwed``, ``AmountOutOfRange``, ``MoreThanOwed``,
    ``TextTooLong``, ``StaleAccount``, ``KeyConflict``.
    """
    require(actor, Privilege.FEE_WAIVE)
    fee_ids = chosen(list(amounts_minor))
    request = Request(
        verb=Verb.WAIVE,
        inputs={"fees": [[each, amounts_minor[each]] for each in fee_ids], "reason": reason, "comment": comment},
        form_key=form_key,
        expected_seq=expected_seq,
    )
    with transaction.atomic():
        books = open_books(actor=actor, at=at, patron_id=patron_id, fee_ids=fee_ids)
        if done := books.answered(request):
            return done
        require_reason(actor.institution_id, reason)
        fees = [books.fees[fee_id] for fee_id in fee_ids]
        for fee in fees:
            check_waivable(fee)
        amounts = [(fee, _checked(books, fee, amounts_minor[fee.pk])) for fee in fees]
        require_amount(actor, Privilege.FEE_WAIVE, sum(amount_minor for _fee, amount_minor in amounts))
        note = books.note(comment)
        for fee, amount_minor in amounts:
            waive_one(books, fee, amount_minor, reason, note)
        return books.close(request, "fee.waived", {"reason": reason})


def check_waivable(fee: Fee) -> None:
    """Raise ``TypeNotWaivable`` or ``StatusForbids`` for a fee of which nothing can be waived now."""
    if fee.is_credit or not fee.type.is_waivable:
        raise TypeNotWaivable(fee.pk, fee.type.code)
    check_status(fee, Verb.WAIVE)


def keeps_remainder(fee: Fee) -> bool:
    """Whether a waiver leaves what remains of ``fee`` and gives a bound CREDIT: an active lost item fee (row B7).

    A disputed one has no place in the active balance, so a credit there would be money nobody owes: its
    remainder falls like any other's (ADR 0004).
    """
    return fee.type.code == LOST_REPLACEMENT_TYPE and fee.status == Fee.Status.ACTIVE


def _checked(books: Books, fee: Fee, amount_minor: int | None) -> int:
    payable_minor = books.payable_minor(fee)
    if payable_minor == 0:
        raise NothingOwed
    if amount_minor is None:
        return payable_minor
    books.check_amount(amount_minor)
    if amount_minor > payable_minor:
        raise MoreThanOwed(amount_minor, payable_minor)
    return amount_minor


def waive_one(books: Books, fee: Fee, amount_minor: int, reason: str, note: Note | None) -> None:
    """Waive of ``fee`` what was checked before: one transfer, of a lost item fee to a CREDIT bound to it."""
    credit = None
    if keeps_remainder(fee):
        credit = books.open_credit(bound_to=fee, owner_id=fee.owner_id, title=fee.title, barcode=fee.barcode)
    books.move(
        Kind.WAIVE,
        debit=chart.waived_for(reason),
        credit=chart.CREDIT if credit else receivable(fee),
        amount_minor=amount_minor,
        fee=fee,
        credit_fee=credit,
        reason=reason,
        note=note,
    )
