"""Taking back what was booked as paid at the bursar, for many fees at once (row D5): by transfers that name the old.

Why not ``correct``: a clerk at the desk never takes back what the bursar said; only whoever imported its file knows
that it was the wrong one. Why what stands is answered and not raised: a file has thousands of payments.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.charges.books import Books
from amerce.charges.correct import corrected_among
from amerce.charges.errors import AlreadyCorrected, ChargeError, CreditAlreadyUsed
from amerce.charges.many_books import open_many_books
from amerce.charges.models import Fee
from amerce.charges.states import Verb
from amerce.institutions.models import Institution
from amerce.ledger import chart
from amerce.ledger.chart import Kind
from amerce.ledger.models import Transfer
from amerce.patrons.models import Note
from amerce.sql import among

TAKEN_BACK = "bursar_payment.taken_back"
"""The event."""


@dataclass(frozen=True)
class _Payment:
    """A payment received, and what above it became a CREDIT that can be used."""

    row: Transfer
    excess: Transfer | None

    @property
    def rows(self) -> list[Transfer]:
        return [self.row] if self.excess is None else [self.excess, self.row]


def take_back_payments(
    *,
    actor: Actor,
    at: datetime,
    institution: Institution,
    transfer_ids: Sequence[int],
    comment: str,
    data: Mapping[str, Any],
) -> dict[int, ChargeError | None]:
    """Take back the payments ``transfer_ids``, of ``settle``, so that their fees are at the bursar again; by the id of
    each why it stands, None when it was taken back.

    What was paid above a fee goes with it: a payment of which that was used, refunded or exported stands whole. So does
    one that was taken back before. The CREDIT that shows a payment is closed. Each patron gets one event, with ``data``
    in it, and each transfer ``comment``. Must run in a transaction. Raises ``NotAllowed``, ``TextTooLong``.
    """
    require_for(actor, Privilege.FEE_EXPORT, EVERYWHERE)
    payments = _payments(institution.pk, transfer_ids)
    touched = {each for payment in payments for row in payment.rows for each in (row.fee_id, row.credit_fee_id) if each}
    many = open_many_books(
        actor=actor,
        at=at,
        institution=institution,
        patron_ids={payment.row.account.patron_id for payment in payments},
        fee_ids=sorted(touched),
    )
    corrected = corrected_among(institution.pk, [payment.row.pk for payment in payments])
    answers: dict[int, ChargeError | None] = {}
    notes: dict[int, Note | None] = {}
    taken: dict[int, list[int]] = {}
    for payment in payments:
        patron_id = payment.row.account.patron_id
        books = many.of[patron_id]
        if refusal := _why_it_stands(books, payment, corrected):
            answers[payment.row.pk] = refusal
            continue
        if patron_id not in notes:
            notes[patron_id] = books.note(comment)
        for row in payment.rows:
            _take_back(books, row, notes[patron_id])
            taken.setdefault(patron_id, []).append(row.pk)
        answers[payment.row.pk] = None
    for patron_id, ids in taken.items():
        many.enter(many.of[patron_id], TAKEN_BACK, {"transfers": sorted(ids), **data})
    many.close()
    return answers


def _payments(institution_id: int, transfer_ids: Sequence[int]) -> list[_Payment]:
    """In their order, each with its excess, which ``settle`` writes right behind it. They never change, so they are
    read before the lock, which needs their fees. Two queries.
    """
    received = Transfer.objects.filter(institution_id=institution_id, kind=Kind.PAYMENT_RECEIVED)
    rows = list(received.filter(among("pk", transfer_ids)).exclude(credit=chart.CREDIT).select_related("account"))
    behind = received.filter(
        among("account_id", {row.account_id for row in rows}),
        among("seq", {row.seq + 1 for row in rows}),
        credit=chart.CREDIT,
    )
    excess = {(each.account_id, each.seq): each for each in behind}
    return [_Payment(row, excess.get((row.account_id, row.seq + 1))) for row in sorted(rows, key=lambda row: row.pk)]


def _why_it_stands(books: Books, payment: _Payment, corrected: set[int]) -> ChargeError | None:
    if payment.row.pk in corrected:
        return AlreadyCorrected(payment.row.pk)
    if payment.excess:
        credit = books.fees[payment.excess.fee_id]
        if credit.status != Fee.Status.ACTIVE or -credit.remaining_minor < payment.excess.amount_minor:
            return CreditAlreadyUsed(credit.pk, -credit.remaining_minor)
    try:
        books.fee(payment.row.fee_id, Verb.TAKE_BACK_PAYMENT)
    except ChargeError as refusal:
        return refusal
    return None


def _take_back(books: Books, row: Transfer, note: Note | None) -> None:
    books.move(
        Kind.CORRECTION,
        debit=row.credit,
        credit=row.debit,
        amount_minor=row.amount_minor,
        fee=books.fees[row.fee_id],
        credit_fee=books.fees[row.credit_fee_id] if row.credit_fee_id else None,
        corrected_kind=Kind(row.kind),
        note=note,
        corrects_id=row.pk,
    )
