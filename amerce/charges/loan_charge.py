"""What a loan costs, brought to the total that was reckoned: charged, or taken back.

Why by the total and not by the step (``docs/reference/rules.md``, "Growth with time"): asked twice, or after a day was
missed, the answer is the same. The total is compared under the lock of open books, so there is no key to replay by.
These functions move money on books that are open already and ask for no privilege: the command that opened them did.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from amerce.charges.assess import ItemFacts
from amerce.charges.books import Books, receivable
from amerce.charges.models import LOST_REPLACEMENT_TYPE, Fee
from amerce.ledger import chart
from amerce.ledger.chart import Kind
from amerce.ledger.models import Transfer
from amerce.money.allocate import allocate_in_order
from amerce.money.divide import divide_half_up

WHOLE_BP = 10_000
"""100 % in hundredths of a percent, the unit of a refund ratio."""
_BURSAR = (chart.TRANSFERRED, chart.BURSAR)


@dataclass(frozen=True)
class LoanCharge:
    """What is charged for a loan, under which type. The caller has the loan: it is the patron's and of ``item``."""

    loan_id: int
    type_code: str
    item: ItemFacts
    owner_library_id: int | None
    comment: str


def of_loans(loan_ids: Sequence[int]) -> Q:
    """For ``open_books(also=...)``: every fee of the loans, and the credits bound to them."""
    return Q(loan__in=loan_ids) | Q(bound_to__loan__in=loan_ids)


def charged_minor(fees: Sequence[Fee]) -> int:
    """What stands charged: what was charged less what was taken back, also when it is settled."""
    return sum(fee.original_minor - fee.reduced_minor for fee in fees)


def reckoned_minor(fees: Sequence[Fee]) -> int:
    """The total that was reckoned last: what stands charged, what waits, less what could not be taken back."""
    return charged_minor(fees) + sum(fee.waiting_minor - fee.excess_minor for fee in fees)


def bring_to(books: Books, charge: LoanCharge, total_minor: int) -> int:
    """``raise_to`` or ``lower_to``, whichever is due: by how much, negative when it was lowered.

    What a fee in dispute would be raised by is kept with it and charged by its restore (``charges/restore.py``); of
    several with the newest, so that it is charged once.
    """
    fees = books.of_loan(charge.loan_id, charge.type_code)
    disputed = [fee for fee in fees if fee.status == Fee.Status.INDISPUTE]
    for fee in disputed:
        books.let_wait(fee, max(0, total_minor - charged_minor(fees)) if fee is disputed[-1] else 0)
    return raise_to(books, charge, total_minor) or -lower_to(books, charge, total_minor)


def raise_to(books: Books, charge: LoanCharge, total_minor: int) -> int:
    """Charge what ``total_minor`` exceeds what stands charged for the loan and type; by how much, in minor units.

    Counts what was charged less what was taken back, not what remains: a waived or paid part stays settled. The same
    fee grows, also when it was closed; one in dispute does not; after an export the increment is a
    new fee. Raises
    ``charges.errors.TypeUnknown`` and ``TextTooLong``.
    """
    fees = books.of_loan(charge.loan_id, charge.type_code)
    missing_minor = total_minor - charged_minor(fees)
    _keep_excess(books, fees, max(0, -missing_minor), [fee.excess_minor for fee in fees])
    if missing_minor <= 0 or any(fee.status == Fee.Status.INDISPUTE for fee in fees):
        return 0
    note = books.note(charge.comment)
    fee = growing(books, charge) or books.open_fee(
        books.fee_type(charge.type_code),
        owner_id=charge.owner_library_id,
        loan_id=charge.loan_id,
        item_id=charge.item.item_id,
        title=charge.item.title,
        barcode=charge.item.barcode,
        note=note,
    )
    books.move(
        Kind.CHARGE,
        debit=chart.ACTIVE,
        credit=chart.income(charge.type_code),
        amount_minor=missing_minor,
        fee=fee,
        note=note,
    )
    return missing_minor


def growing(books: Books, charge: LoanCharge) -> Fee | None:
    """The fee that a raise would raise: the newest that did not go to the bursar."""
    fees = [fee for fee in books.of_loan(charge.loan_id, charge.type_code) if not fee.was_exported]
    return fees[-1] if fees else None


def lower_to(books: Books, charge: LoanCharge, total_minor: int) -> int:
    """Take back what stands charged above ``total_minor``; how much, in minor units.

    First from what is open, of the newest fee first, where it stands: a disputed fee is lowered in dispute. Then what
    was paid or exported above the total becomes a CREDIT. A waived part never does, so less than the difference may
    move: the rest is kept with the fee until a correction opens it again (``take_off_excess``). Of what waits for the
    end of a dispute no more is left than the total exceeds what stands charged. Raises ``TextTooLong``.
    """
    fees = books.of_loan(charge.loan_id, charge.type_code)[::-1]
    excess_minor = charged_minor(fees) - total_minor
    for fee in fees:
        books.let_wait(fee, min(fee.waiting_minor, max(0, -excess_minor)))
    if excess_minor <= 0:
        return 0
    open_parts, _ = allocate_in_order(excess_minor, [books.payable_minor(fee) for fee in fees])
    kept = _kept_minor(_came_in_minor(books, fees), fees)
    credit_parts, _ = allocate_in_order(max(0, sum(kept) - total_minor), kept)
    lowered_minor = _reduce(books, charge.comment, fees, open_parts, credit_parts)
    _keep_excess(books, fees, excess_minor - lowered_minor, [fee.waived_minor + fee.refunded_minor for fee in fees])
    return lowered_minor


def take_off_excess(books: Books, fee: Fee) -> None:
    """Take back of ``fee``, after a correction, what could not be taken back while it was paid, waived or refunded.

    First what is open again; what is neither waived nor refunded any more, as after a corrected refund, becomes a
    CREDIT. Of a found item's fee none does: what of its payments is kept said the refund ratio.
    """
    if not fee.excess_minor:
        return
    open_minor = min(fee.excess_minor, books.payable_minor(fee))
    credit_minor = max(0, fee.excess_minor - open_minor - fee.waived_minor - fee.refunded_minor)
    if fee.type.code == LOST_REPLACEMENT_TYPE:
        credit_minor = 0
    comment = _("Had become too much while it was paid, waived or refunded.")
    taken_minor = _reduce(books, comment, [fee], [open_minor], [credit_minor])
    books.let_exceed(fee, fee.excess_minor - taken_minor)


def take_back(books: Books, charge: LoanCharge, refund_ratio_bp: int) -> int:
    """Take back the charge of an item that was found; how much, in minor units (row A11).

    What is open goes away, and an unused bound credit is used up on its fee, so that both are gone. Of what was paid
    or exported ``refund_ratio_bp`` hundredths of a percent, half up, less what was given before, becomes a CREDIT:
    found twice moves nothing. What was waived is never given out. All that stands charged after that is too much
    should it open again (``take_off_excess``). Raises ``TextTooLong``.
    """
    fees = books.of_loan(charge.loan_id, charge.type_code)[::-1]
    for fee in fees:
        books.net_bound_credits(fee)
    came_in = _came_in_minor(books, fees)
    due_minor = divide_half_up(sum(came_in) * refund_ratio_bp, WHOLE_BP) - sum(fee.credited_minor for fee in fees)
    credit_parts, _ = allocate_in_order(max(0, due_minor), _kept_minor(came_in, fees))
    taken_minor = _reduce(books, charge.comment, fees, [fee.remaining_minor for fee in fees], credit_parts)
    for fee in fees:
        books.let_exceed(fee, charged_minor([fee]))
    return taken_minor


def _reduce(
    books: Books, comment: str, fees: Sequence[Fee], open_parts: Sequence[int], credit_parts: Sequence[int]
) -> int:
    """Take back of each fee a part that is open and a part that is given as a CREDIT."""
    reduced_minor = sum(open_parts) + sum(credit_parts)
    if reduced_minor == 0:
        return 0
    note = books.note(comment)
    for fee, amount_minor in zip(fees, open_parts, strict=True):
        if amount_minor:
            books.move(
                Kind.REDUCTION,
                debit=chart.income(fee.type.code),
                credit=receivable(fee),
                amount_minor=amount_minor,
                fee=fee,
                note=note,
            )
    for fee, amount_minor in zip(fees, credit_parts, strict=True):
        if amount_minor:
            given = books.open_credit(
                owner_id=fee.owner_id,
                loan_id=fee.loan_id,
                item_id=fee.item_id,
                title=fee.title,
                barcode=fee.barcode,
                note=note,
            )
            books.move(
                Kind.REDUCTION,
                debit=chart.income(fee.type.code),
                credit=chart.CREDIT,
                amount_minor=amount_minor,
                fee=fee,
                credit_fee=given,
                note=note,
            )
    return reduced_minor


def _keep_excess(books: Books, fees: Sequence[Fee], excess_minor: int, limits_minor: Sequence[int]) -> None:
    """Share out what is too much among the fees, to each no more than its limit."""
    parts, _left = allocate_in_order(excess_minor, limits_minor)
    for fee, part_minor in zip(fees, parts, strict=True):
        books.let_exceed(fee, part_minor)


def _came_in_minor(books: Books, fees: Sequence[Fee]) -> list[int]:
    """Per fee what was paid, or handed over to the bursar, and not refunded by hand."""
    exported = _exported_minor(books, [fee.pk for fee in fees if fee.was_exported])
    return [fee.paid_minor - fee.refunded_minor + exported.get(fee.pk, 0) for fee in fees]


def _kept_minor(came_in: Sequence[int], fees: Sequence[Fee]) -> list[int]:
    return [amount_minor - fee.credited_minor for amount_minor, fee in zip(came_in, fees, strict=True)]


def _exported_minor(books: Books, fee_ids: Sequence[int]) -> dict[int, int]:
    if not fee_ids:
        return {}
    moves = Transfer.objects.filter(institution_id=books.institution.pk, fee__in=fee_ids).order_by()
    sums = moves.values_list("fee_id").annotate(
        over=Sum("amount_minor", filter=Q(debit__in=_BURSAR, credit=chart.ACTIVE), default=0),
        back=Sum("amount_minor", filter=Q(credit__in=_BURSAR, debit=chart.ACTIVE), default=0),
    )
    return {fee_id: over - back for fee_id, over, back in sums}
