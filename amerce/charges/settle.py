"""What was paid at the bursar, for many fees by as few statements as one takes (row D5, ``rules.md`` "Bursar")."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext as _

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.books import Books
from amerce.charges.draft import Move
from amerce.charges.many_books import open_many_books
from amerce.charges.models import Fee
from amerce.institutions.models import Institution
from amerce.ledger import chart
from amerce.ledger.chart import Kind

SETTLED, CREDIT_SETTLED = "fee.settled", "credit.settled"
"""The events: of a fee that was paid at the bursar, and of a CREDIT that was paid out there."""


class Effect(StrEnum):
    """What a payment at the bursar leaves on the account. ``CREDIT``: the fee stays Transferred, being paid, and a
    CREDIT row shows what was paid. ``SETTLE``: the fee is closed.
    """

    CREDIT = "credit"
    SETTLE = "settle"


@dataclass(frozen=True)
class BursarPayment:
    """What was paid of a fee in minor units above zero; below zero what was paid out of an exported CREDIT."""

    patron_id: int
    fee_id: int
    amount_minor: int


@dataclass(frozen=True)
class Settled:
    """What of a payment was applied to its fee, with its sign, and what above it became an active CREDIT.

    Both are zero when nothing was at the bursar any more: then nothing was written. ``transfer_id`` is the payment's.
    ``open_minor`` is what is at the bursar after it.
    """

    applied_minor: int = 0
    excess_minor: int = 0
    transfer_id: int | None = None
    open_minor: int = 0


def settle(
    *, actor: Actor, at: datetime, institution: Institution, payments: Sequence[BursarPayment], effect: Effect
) -> list[Settled]:
    """Book ``payments`` in their order, each "Payment received"; what was done of each, in their order.

    A part lowers the transferred amount and leaves it open. What is above it becomes a credit that can be used. A fee
    of which nothing is at the bursar, or a sign that is not the fee's, moves nothing. Must run in a transaction. Raises
    ``NotAllowed``.
    """
    require(actor, Privilege.FEE_EXPORT)
    many = open_many_books(
        actor=actor,
        at=at,
        institution=institution,
        patron_ids={each.patron_id for each in payments},
        fee_ids=sorted({each.fee_id for each in payments}),
    )
    moves: list[list[Move]] = []
    open_minor = []
    for each in payments:
        books = many.of[each.patron_id]
        moves.append(_settle_one(books, each, effect))
        if moves[-1]:
            many.enter(books, SETTLED if each.amount_minor > 0 else CREDIT_SETTLED)
        open_minor.append(moves[-1][0].fee.transferred_minor if moves[-1] else 0)
    transfers = many.close()
    return [_settled(*each, transfers) for each in zip(payments, moves, open_minor, strict=True)]


def foreseen(amount_minor: int, transferred_minor: int) -> Settled:
    """What ``settle`` would do of a payment to a fee of which so much is at the bursar, without its transfer.

    Nothing where nothing is there, or the sign is not the fee's.
    """
    if amount_minor * transferred_minor <= 0:
        return Settled()
    is_debt = amount_minor > 0
    applied_minor = min(amount_minor, transferred_minor) if is_debt else max(amount_minor, transferred_minor)
    excess_minor = amount_minor - applied_minor if is_debt else 0
    return Settled(applied_minor, excess_minor, open_minor=transferred_minor - applied_minor)


def _settle_one(books: Books, payment: BursarPayment, effect: Effect) -> list[Move]:
    """What moved: the part that is applied, then the part above it."""
    fee = books.fees.get(payment.fee_id)
    begin = len(books.draft.moves)
    if fee is None or not (does := foreseen(payment.amount_minor, fee.transferred_minor)).applied_minor:
        return []
    if fee.is_credit:
        _pay_out(books, fee, -does.applied_minor)
        return books.draft.moves[begin:]
    shown_by = None
    if effect is Effect.CREDIT:
        shown_by = books.open_credit(**_facts(fee), note=books.note(_("Bursar")))
    books.move(
        Kind.PAYMENT_RECEIVED,
        debit=chart.BURSAR,
        credit=chart.TRANSFERRED,
        amount_minor=does.applied_minor,
        fee=fee,
        credit_fee=shown_by,
        note=shown_by.note if shown_by else None,
    )
    if does.excess_minor:
        _keep_excess(books, fee, does.excess_minor)
    return books.draft.moves[begin:]


def _pay_out(books: Books, credit: Fee, amount_minor: int) -> None:
    """The bursar gave the patron what it was handed over as a CREDIT."""
    books.move(
        Kind.PAYMENT_RECEIVED,
        debit=chart.TRANSFERRED,
        credit=chart.BURSAR,
        amount_minor=amount_minor,
        fee=credit,
        credit_fee=credit,
    )


def _keep_excess(books: Books, fee: Fee, amount_minor: int) -> None:
    note = books.note(_("Bursar"))
    credit = books.open_credit(**_facts(fee), note=note)
    books.move(
        Kind.PAYMENT_RECEIVED,
        debit=chart.BURSAR,
        credit=chart.CREDIT,
        amount_minor=amount_minor,
        fee=credit,
        credit_fee=credit,
        note=note,
    )


def _facts(fee: Fee) -> dict[str, object]:
    return {"owner_id": fee.owner_id, "title": fee.title, "barcode": fee.barcode}


def _settled(payment: BursarPayment, moves: Sequence[Move], open_minor: int, transfers: dict[Move, int]) -> Settled:
    if not moves:
        return Settled()
    sign = 1 if payment.amount_minor > 0 else -1
    excess_minor = sum(move.amount_minor for move in moves[1:])
    return Settled(sign * moves[0].amount_minor, excess_minor, transfers[moves[0]], open_minor)
