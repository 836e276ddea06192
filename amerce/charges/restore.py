"""Ending a dispute: the fee is owed again (row B8)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from amerce.access.actors import Actor
from amerce.access.can import require, require_amount
from amerce.access.privileges import Privilege
from amerce.charges.books import open_books
from amerce.charges.outcome import Outcome
from amerce.charges.request import Request, chosen
from amerce.charges.states import Verb
from amerce.ledger import chart
from amerce.ledger.chart import Kind


def restore(
    *,
    actor: Actor,
    at: datetime,
    patron_id: int,
    fee_ids: Sequence[int],
    comment: str = "",
    form_key: str = "",
    expected_seq: int | None = None,
) -> Outcome:
    """Move what remains of the disputed fees back to the active balance, and charge what waited for the end of the
    dispute: days before it that were charged by nobody until the copy came back.

    Raises ``NotAllowed``, ``AboveCeiling``, ``PatronNotFound`` and of ``charges.errors``: ``NothingChosen``,
    ``FeeNotFound``, ``StatusForbids``, ``TextTooLong``, ``StaleAccount``, ``KeyConflict``.
    """
    require(actor, Privilege.FEE_RESTORE)
    ids = chosen(fee_ids)
    request = Request(
        verb=Verb.RESTORE, inputs={"fees": ids, "comment": comment}, form_key=form_key, expected_seq=expected_seq
    )
    with transaction.atomic():
        books = open_books(actor=actor, at=at, patron_id=patron_id, fee_ids=ids)
        if done := books.answered(request):
            return done
        fees = [books.fee(fee_id, Verb.RESTORE) for fee_id in ids]
        require_amount(actor, Privilege.FEE_RESTORE, sum(fee.remaining_minor for fee in fees))
        note = books.note(comment)
        for fee in fees:
            waited_minor = fee.waiting_minor
            books.move(
                Kind.RESTORE,
                debit=chart.ACTIVE,
                credit=chart.DISPUTED,
                amount_minor=fee.remaining_minor,
                fee=fee,
                note=note,
            )
            if waited_minor:
                books.move(
                    Kind.CHARGE,
                    debit=chart.ACTIVE,
                    credit=chart.income(fee.type.code),
                    amount_minor=waited_minor,
                    fee=fee,
                    note=books.note(_("Waited for the end of the dispute.")),
                )
        return books.close(request, "fee.restored")
