"""Taking back a mistaken transaction by a new one that names it (row B9). Nothing is edited or erased."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from amerce.access.actors import Actor
from amerce.access.can import require, require_amount
from amerce.access.privileges import Privilege
from amerce.charges.books import Books, open_books, receivable
from amerce.charges.errors import (
    AlreadyCorrected,
    ChargeAlreadySettled,
    CreditAlreadyUsed,
    FeeAtBursar,
    NotCorrectable,
    PaymentAlreadyCredited,
    PaymentAlreadyRefunded,
    StatusForbids,
    TransferNotFound,
)
from amerce.charges.loan_charge import take_off_excess
from amerce.charges.models import Fee
from amerce.charges.outcome import Outcome
from amerce.charges.request import Request, chosen
from amerce.charges.states import Verb
from amerce.inputs.checks import possible_ids
from amerce.ledger import chart
from amerce.ledger.chart import Kind
from amerce.ledger.models import Transfer
from amerce.patrons.models import Note
from amerce.sql import among

CORRECTABLE = frozenset({Kind.CHARGE, Kind.PAYMENT, Kind.WAIVE, Kind.CREDIT, Kind.REFUND})
_OPEN = (chart.ACTIVE, chart.DISPUTED)


def correct(
    *,
    actor: Actor,
    at: datetime,
    patron_id: int,
    transfer_ids: Sequence[int],
    comment: str = "",
    form_key: str = "",
    expected_seq: int | None = None,
) -> Outcome:
    """Take back each of ``transfer_ids`` whole, newest first; a fee that was settled by it is open again,
    in dispute if it was when it closed, for no more than was reckoned last.

    To take back a payment, name all its lines. Raises ``NotAllowed``, ``AboveCeiling``, ``PatronNotFound`` and of
    ``charges.errors``: ``NothingChosen``, ``TransferNotFound``, ``NotCorrectable``, ``AlreadyCorrected``,
    ``FeeAtBursar``, ``CreditAlreadyUsed``, ``ChargeAlreadySettled``, ``PaymentAlreadyRefunded``,
    ``PaymentAlreadyCredited``, ``StatusForbids``, also when a bound credit would be left without its active fee,
    ``TextTooLong``, ``StaleAccount``, ``KeyConflict``.
    """
    require(actor, Privilege.FEE_CORRECT)
    ids = chosen(transfer_ids)
    request = Request(
        verb=Verb.CORRECT,
        inputs={"transfers": ids, "comment": comment},
        form_key=form_key,
        expected_seq=expected_seq,
    )
    with transaction.atomic():
        rows = _rows(actor, patron_id, ids)
        touched = {each for row in rows for each in (row.fee_id, row.credit_fee_id) if each}
        books = open_books(actor=actor, at=at, patron_id=patron_id, fee_ids=sorted(touched))
        if done := books.answered(request):
            return done
        _check_rows(actor, rows, ids)
        require_amount(actor, Privilege.FEE_CORRECT, sum(row.amount_minor for row in rows))
        note = books.note(comment)
        if any(row.payment_id for row in rows):
            books.give_receipt()
        closed_in = where_closed(actor.institution_id, books.fees.values())
        for row in rows:
            take_back(books, row, note, closed_in)
        finish(books)
        return books.close(request, "transfer.corrected", {"transfers": ids})


def _rows(actor: Actor, patron_id: int, ids: list[int]) -> list[Transfer]:
    """Those of the transfers that there are, newest first. They never change, so they are read before the lock,
    which needs their fees.
    """
    found = Transfer.objects.filter(
        institution_id=actor.institution_id, account__patron_id__in=possible_ids([patron_id]), pk__in=possible_ids(ids)
    )
    return list(found.order_by("-seq"))


def _check_rows(actor: Actor, rows: list[Transfer], ids: list[int]) -> None:
    for missing in set(ids) - {row.pk for row in rows}:
        raise TransferNotFound(missing)
    corrected = corrected_among(actor.institution_id, ids)
    for row in rows:
        check_row(row, corrected)


def corrected_among(institution_id: int, transfer_ids: Collection[int]) -> set[int]:
    """Those of the transfers that were taken back before. One query."""
    corrections = Transfer.objects.filter(among("corrects_id", transfer_ids), institution_id=institution_id)
    return {corrected for (corrected,) in corrections.values_list("corrects_id")}


def check_row(row: Transfer, corrected: Collection[int]) -> None:
    """Raise ``NotCorrectable`` for a kind that is never taken back, ``AlreadyCorrected`` for one that was."""
    if row.kind not in CORRECTABLE:
        raise NotCorrectable(row.pk, row.kind)
    if row.pk in corrected:
        raise AlreadyCorrected(row.pk)


def take_back(books: Books, row: Transfer, note: Note | None, closed_in: Mapping[int, str]) -> None:
    """Move back what ``row`` moved, or raise why not before anything moves. ``closed_in`` is ``where_closed``."""
    fee = books.fees[row.fee_id]
    credit_fee = books.fees[row.credit_fee_id] if row.credit_fee_id else None
    _check(books, fee, credit_fee, row)
    books.move(
        Kind.CORRECTION,
        debit=_side(row.credit, fee, closed_in),
        credit=_side(row.debit, fee, closed_in),
        amount_minor=row.amount_minor,
        fee=fee,
        credit_fee=credit_fee,
        corrected_kind=Kind(row.kind),
        method=row.method,
        reason=row.reason,
        note=note,
        external_transaction_id=row.external_transaction_id,
        corrects_id=row.pk,
    )


def _check(books: Books, fee: Fee, credit_fee: Fee | None, row: Transfer) -> None:
    for each in (fee, credit_fee):
        if each and books.fee(each.pk, Verb.CORRECT).was_exported:
            raise FeeAtBursar(each.pk)
    if row.credit == chart.CREDIT and credit_fee and row.amount_minor > -credit_fee.remaining_minor:
        raise CreditAlreadyUsed(credit_fee.pk, -credit_fee.remaining_minor)
    if row.kind == Kind.CHARGE and row.amount_minor > books.payable_minor(fee):
        raise ChargeAlreadySettled(fee.pk)
    if row.kind == Kind.PAYMENT and _counts_as_paid(fee, credit_fee):
        kept_minor = fee.paid_minor - fee.refunded_minor
        if row.amount_minor > kept_minor:
            raise PaymentAlreadyRefunded(fee.pk)
        if row.amount_minor > kept_minor - fee.credited_minor:
            raise PaymentAlreadyCredited(fee.pk)


def finish(books: Books) -> None:
    """Take off what opened again and had become too much. Raises ``StatusForbids`` if a bound credit stood alone.

    A credit bound to a fee stands beside it in the active balance or is used up, never alone (ADR 0004).
    """
    for fee in list(books.fees.values()):
        take_off_excess(books, fee)
    for fee in books.fees.values():
        if fee.status != Fee.Status.ACTIVE and books.bound_credits(fee):
            raise StatusForbids(Verb.CORRECT, fee.pk, fee.status)


def _counts_as_paid(fee: Fee, credit_fee: Fee | None) -> bool:
    return not (credit_fee and credit_fee.bound_to_id == fee.pk)


def _side(ledger_account: str, fee: Fee, closed_in: Mapping[int, str]) -> str:
    """A receivable stands today where the fee's status says, not where it stood then."""
    if ledger_account not in _OPEN:
        return ledger_account
    return closed_in[fee.pk] if fee.status == Fee.Status.CLOSED else receivable(fee)


def where_closed(institution_id: int, fees: Collection[Fee]) -> dict[int, str]:
    """By id the receivable in which each of ``fees`` stood last. One query.

    A fee that was waived in dispute opens again in dispute: taking back the waiver restores nothing (row B9).
    """
    moves = Transfer.objects.filter(
        among("fee_id", [fee.pk for fee in fees]),
        Q(debit__in=_OPEN) | Q(credit__in=_OPEN),
        institution_id=institution_id,
    )
    sides = moves.order_by("seq").values_list("fee_id", "debit", "credit")
    return {fee_id: debit if debit in _OPEN else credit for fee_id, debit, credit in sides}
