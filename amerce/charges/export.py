"""Handing fees over to the bursar (rows D3, D4)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.books import open_books
from amerce.charges.errors import NothingOwed
from amerce.charges.outcome import Outcome
from amerce.charges.request import Request, chosen
from amerce.charges.states import Verb
from amerce.ledger import chart
from amerce.ledger.chart import Kind


def export(
    *, actor: Actor, at: datetime, patron_id: int, fee_ids: Sequence[int], awaits_payment: bool, form_key: str = ""
) -> Outcome:
    """Export what remains of the fees. With ``awaits_payment`` the bursar reports back and the amount moves to
    the transferred balance; without, the fees are closed.

    A credit bound to a fee is used on it first. Raises ``NotAllowed``, ``PatronNotFound`` and of
    ``charges.errors``: ``NothingChosen``, ``FeeNotFound``, ``StatusForbids``, ``CreditForbids``,
    ``NothingOwed``, ``TextTooLong``, ``KeyConflict``.
    """
    require(actor, Privilege.FEE_EXPORT)
    ids = chosen(fee_ids)
    request = Request(verb=Verb.EXPORT, inputs={"fees": ids, "awaits_payment": awaits_payment}, form_key=form_key)
    with transaction.atomic():
        books = open_books(actor=actor, at=at, patron_id=patron_id, fee_ids=ids)
        if done := books.answered(request):
            return done
        fees = [books.debt(fee_id, Verb.EXPORT) for fee_id in ids]
        if any(books.payable_minor(fee) == 0 for fee in fees):
            raise NothingOwed
        for fee in fees:
            books.net_bound_credits(fee)
            books.move(
                Kind.EXPORTED_AND_PAID if awaits_payment else Kind.EXPORT,
                debit=chart.TRANSFERRED if awaits_payment else chart.BURSAR,
                credit=chart.ACTIVE,
                amount_minor=fee.remaining_minor,
                fee=fee,
            )
        return books.close(request, "fee.exported", {"awaits_payment": awaits_payment})
