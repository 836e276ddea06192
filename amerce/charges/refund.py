"""Giving money back: what was paid on a fee, or what is left of a CREDIT (row B9)."""

from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.can import require, require_amount
from amerce.access.privileges import Privilege
from amerce.charges.books import Books, open_books
from amerce.charges.codes import require_method
from amerce.charges.errors import CreditForbids, FeeAtBursar, MoreThanPaid
from amerce.charges.models import Fee
from amerce.charges.outcome import Outcome
from amerce.charges.request import Request
from amerce.charges.states import Verb
from amerce.ledger import chart
from amerce.ledger.chart import Kind
from amerce.patrons.came import came_for

AS_CREDIT = ""
"""The method of a refund that is not paid out but kept on the account as a CREDIT."""


def refund(
    *,
    actor: Actor,
    at: datetime,
    patron_id: int,
    fee_id: int,
    amount_minor: int,
    method: str,
    comment: str = "",
    form_key: str = "",
    expected_seq: int | None = None,
    proxy_id: int | None = None,
) -> Outcome:
    """Give ``amount_minor`` back by ``method``, or keep it as a CREDIT with ``AS_CREDIT``.

    Of a fee, at most what was paid and not given back yet: the fee stays as settled as it is, the library gives
    up the income. Of a CREDIT, at most its unused rest, always paid out. A credit bound to a lost item fee was
    waived, never paid, and is not given out. ``proxy_id`` is the proxy who came for the patron, named by the event.
    Raises ``NotAllowed``, ``AboveCeiling``, ``PatronNotFound`` and of ``charges.errors``: ``FeeNotFound``,
    ``StatusForbids``, ``CreditForbids``, ``FeeAtBursar``, ``MoreThanPaid``, ``AmountOutOfRange``, ``MethodUnknown``,
    ``TextTooLong``, ``StaleAccount``, ``KeyConflict``.
    """
    require(actor, Privilege.FEE_REFUND)
    request = Request(
        verb=Verb.REFUND,
        inputs={"fee": fee_id, "amount": amount_minor, "method": method, "comment": comment},
        form_key=form_key,
        expected_seq=expected_seq,
    )
    with transaction.atomic():
        books = open_books(actor=actor, at=at, patron_id=patron_id, fee_ids=[fee_id])
        if done := books.answered(request):
            return done
        fee = books.fee(fee_id, Verb.REFUND)
        if fee.was_exported:
            raise FeeAtBursar(fee_id)
        books.check_amount(amount_minor)
        limit_minor = refundable_minor(fee)
        if fee.is_credit and (fee.bound_to_id or method == AS_CREDIT):
            raise CreditForbids(Verb.REFUND, fee_id)
        if amount_minor > limit_minor:
            raise MoreThanPaid(amount_minor, limit_minor)
        require_amount(actor, Privilege.FEE_REFUND, amount_minor)
        if method != AS_CREDIT:
            require_method(actor.institution_id, method)
        _give_back(books, fee, amount_minor, method, comment)
        return books.close(request, "fee.refunded", came_for(actor, patron_id, proxy_id))


def refundable_minor(fee: Fee) -> int:
    """The most that can be given back of ``fee``."""
    if fee.is_credit:
        return 0 if fee.bound_to_id else -fee.remaining_minor
    return max(0, fee.paid_minor - fee.refunded_minor - fee.credited_minor)


def _give_back(books: Books, fee: Fee, amount_minor: int, method: str, comment: str) -> None:
    note = books.note(comment)
    books.give_receipt()
    kept = None
    if method == AS_CREDIT:
        kept = books.open_credit(owner_id=fee.owner_id, title=fee.title, barcode=fee.barcode, note=note)
    books.move(
        Kind.REFUND,
        debit=chart.CREDIT if fee.is_credit else chart.income(fee.type.code),
        credit=chart.CREDIT if kept else chart.refunded_by(method),
        amount_minor=amount_minor,
        fee=fee,
        credit_fee=fee if fee.is_credit else kept,
        method=method,
        note=note,
    )
