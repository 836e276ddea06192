"""Handing fees over to the bursar (rows D3, D4)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max, Q

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.books import Books, open_books
from amerce.charges.draft import Move
from amerce.charges.errors import InternalNumberTaken, NothingOwed, TransactionIdTaken
from amerce.charges.models import Fee
from amerce.charges.outcome import Outcome
from amerce.charges.request import Request, chosen
from amerce.charges.states import ALLOWED_IN, Verb
from amerce.inputs.checks import typed_ids
from amerce.institutions.transaction_ids import take_transaction_ids
from amerce.ledger import chart
from amerce.ledger.chart import Kind

EXPORTED = "fee.exported"
"""The event."""
_AT_BURSAR = (Fee.ClosedAs.EXPORTED, Fee.ClosedAs.COLLECTED)


def export(
    *, actor: Actor, at: datetime, patron_id: int, fee_ids: Sequence[int], awaits_payment: bool, form_key: str = ""
) -> Outcome:
    """Export what remains of the fees. With ``awaits_payment`` the bursar reports back and the amount moves to
    the transferred balance; without, the fees are closed.

    A credit bound to a fee is used on it first. Each fee gets the next bursar transaction id of its library's sequence,
    if there is one, and keeps an id that it has. Raises ``NotAllowed``, ``PatronNotFound`` and of
    ``charges.errors``: ``NothingChosen``, ``FeeNotFound``, ``StatusForbids``, ``CreditForbids``,
    ``NothingOwed``, ``TextTooLong``, ``KeyConflict``, ``TransactionIdTaken``, ``InternalNumberTaken``; and
    ``SequenceFull``.
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
            hand_over(books, fee, awaits_payment=awaits_payment)
        give_transaction_ids(fees)
        books.draft.gives_ids = True
        return books.close(request, EXPORTED, {"awaits_payment": awaits_payment})


def exportable_minor(books: Books, fee: Fee) -> int:
    """What an export would hand over of ``fee``: negative of a CREDIT, and 0 when there is nothing, or not now.

    A disputed fee is never exported, and a credit that only its own fee may use goes out with that one.
    """
    if fee.status not in ALLOWED_IN[Verb.EXPORT] or (fee.is_credit and fee.bound_to_id):
        return 0
    return fee.remaining_minor if fee.is_credit else books.payable_minor(fee)


def hand_over(books: Books, fee: Fee, *, awaits_payment: bool) -> Move:
    """Move what remains of ``fee`` to the bursar; of a CREDIT what the library owes becomes what the bursar owes.

    A credit bound to a fee is used on it first. With ``awaits_payment`` the amount, a CREDIT's with its sign, stands
    in the transferred balance; without, the row is closed.
    """
    books.net_bound_credits(fee)
    bursar = chart.TRANSFERRED if awaits_payment else chart.BURSAR
    books.move(
        Kind.EXPORTED_AND_PAID if awaits_payment else Kind.EXPORT,
        debit=chart.CREDIT if fee.is_credit else bursar,
        credit=bursar if fee.is_credit else chart.ACTIVE,
        amount_minor=abs(fee.remaining_minor),
        fee=fee,
        credit_fee=fee if fee.is_credit else None,
    )
    return books.draft.moves[-1]


def give_transaction_ids(fees: Sequence[Fee]) -> None:
    """Last of all, since every other export in the library waits for the sequence. They are written with what moved."""
    nameless = [fee for fee in fees if not fee.bursar_transaction_id]
    if not nameless:
        return
    ids = take_transaction_ids(nameless[0].institution_id, [fee.owner_id for fee in nameless])
    if numbers := _known_numbers(nameless[0].institution_id, ids):
        raise TransactionIdTaken(next(number for number in ids if number in numbers))
    _check_internal_numbers(nameless, ids)
    for fee, number in zip(nameless, ids, strict=True):
        fee.bursar_transaction_id = number


def _check_internal_numbers(fees: Sequence[Fee], ids: Sequence[str]) -> None:
    """Raise ``InternalNumberTaken`` where the bursar would know two fees by the same number, one of them without an id.

    What comes back for the one would be booked on the other.
    """
    institution_id = fees[0].institution_id
    unnamed = {str(fee.pk): fee.pk for fee, number in zip(fees, ids, strict=True) if not number}
    if unnamed and (unnamed.keys() & set(ids) or _known_numbers(institution_id, unnamed)):
        raise InternalNumberTaken(max(unnamed.values()))
    plain = [number for each in ids for number in typed_ids(each) if str(number) == each]
    if plain:
        at_bursar = Q(status=Fee.Status.EXPORTED) | Q(closed_as__in=_AT_BURSAR)
        by_number = Fee.objects.filter(at_bursar, institution_id=institution_id, bursar_transaction_id="")
        if by_number.filter(pk__in=plain).exists():
            raise InternalNumberTaken(by_number.aggregate(highest=Max("pk"))["highest"])


def _known_numbers(institution_id: int, numbers: Iterable[str]) -> set[str]:
    """Those of ``numbers`` that are the bursar transaction id of a fee."""
    named = Fee.objects.filter(institution_id=institution_id, bursar_transaction_id__in=set(numbers) - {""})
    found = named.exclude(bursar_transaction_id="").values_list("bursar_transaction_id", flat=True)
    return set(found.order_by())  # neither ordered nor limited, which would have PostgreSQL read every fee
