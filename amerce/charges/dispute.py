"""Disputing fees: they are frozen and leave the active balance (row B8)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.can import require, require_amount
from amerce.access.privileges import Privilege
from amerce.charges.books import open_books
from amerce.charges.errors import NothingOwed
from amerce.charges.outcome import Outcome
from amerce.charges.request import Request, chosen
from amerce.charges.states import Verb
from amerce.ledger import chart
from amerce.ledger.chart import Kind


def dispute(
    *,
    actor: Actor,
    at: datetime,
    patron_id: int,
    fee_ids: Sequence[int],
    comment: str = "",
    form_key: str = "",
    expected_seq: int | None = None,
) -> Outcome:
    """Move what remains of the fees from the active to the disputed balance.

    A credit bound to one of them is used on it first, so that it cannot stand alone in the active balance (ADR
    0004). Raises ``NotAllowed``, ``AboveCeiling``, ``PatronNotFound`` and of ``charges.errors``: ``NothingChosen``,
    ``FeeNotFound``, ``StatusForbids``, ``CreditForbids``, ``NothingOwed``, ``TextTooLong``, ``StaleAccount``,
    ``KeyConflict``.
    """
    require(actor, Privilege.FEE_DISPUTE)
    ids = chosen(fee_ids)
    request = Request(
        verb=Verb.DISPUTE, inputs={"fees": ids, "comment": comment}, form_key=form_key, expected_seq=expected_seq
    )
    with transaction.atomic():
        books = open_books(actor=actor, at=at, patron_id=patron_id, fee_ids=ids)
        if done := books.answered(request):
            return done
        fees = [books.debt(fee_id, Verb.DISPUTE) for fee_id in ids]
        if any(books.payable_minor(fee) == 0 for fee in fees):
            raise NothingOwed
        require_amount(actor, Privilege.FEE_DISPUTE, sum(fee.remaining_minor for fee in fees))
        note = books.note(comment)
        for fee in fees:
            books.net_bound_credits(fee)
            books.move(
                Kind.DISPUTE,
                debit=chart.DISPUTED,
                credit=chart.ACTIVE,
                amount_minor=fee.remaining_minor,
                fee=fee,
                note=note,
            )
        return books.close(request, "fee.disputed")
