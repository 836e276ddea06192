"""What must hold after every command, computed here a second time and from the transfers alone."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import F, Max, Model, Q, Sum

from amerce.charges.models import Fee
from amerce.circulation.models import Loan, LoanNote, LoanSpell, Request
from amerce.events.models import Event
from amerce.institutions.models import NumberSequence
from amerce.ledger.chart import ACTIVE, CREDIT, DISPUTED, TRANSFERRED, Kind
from amerce.ledger.hashing import idempotency_hash, transfer_hash
from amerce.ledger.models import NO_HASH, Idempotency, PatronAccount, Transfer
from amerce.money.vat import vat_in
from amerce.patrons.models import Note

WRITTEN: tuple[type[Model], ...] = (
    Transfer, Fee, Event, Idempotency, Note, PatronAccount, Loan, LoanNote, LoanSpell, Request,
)  # fmt: skip
_EXPORTS = {Kind.EXPORT, Kind.EXPORTED_AND_PAID}
_SETTLING = {Kind.PAYMENT, Kind.WAIVE, *_EXPORTS}


@contextmanager
def nothing_written() -> Iterator[None]:
    """Not one row more, not one row other, in any table that a command on fees or loans writes."""
    before = _snapshot()
    yield
    assert _snapshot() == before


def _snapshot() -> dict[str, Any]:
    last = {model.__name__: (model.objects.count(), model.objects.aggregate(Max("pk"))) for model in WRITTEN}
    return {
        **last,
        "sequences": list(NumberSequence.objects.order_by("pk").values()),
        "accounts": list(PatronAccount.objects.order_by("pk").values()),
        "fees": list(Fee.objects.order_by("pk").values()),
        "loans": list(Loan.objects.order_by("pk").values()),
        "spells": list(LoanSpell.objects.order_by("pk").values()),
        "requests": list(Request.objects.order_by("pk").values()),
    }


def assert_books_agree() -> None:
    """Transfers, fees and accounts of every patron tell the same story, and the chains are whole."""
    for account in PatronAccount.objects.all():
        rows = list(Transfer.objects.filter(account=account).order_by("seq").select_related("corrects"))
        fees = {fee.pk: fee for fee in Fee.objects.filter(patron_id=account.patron_id).select_related("type")}
        _assert_chain(account, rows)
        _assert_sums(account, rows, fees)
        for fee in fees.values():
            _assert_fee(fee, [row for row in rows if fee.pk in (row.fee_id, row.credit_fee_id)], fees)
    for key in Idempotency.objects.all():
        assert key.hash == idempotency_hash(key)


def _assert_chain(account: PatronAccount, rows: list[Transfer]) -> None:
    previous = NO_HASH
    for seq, row in enumerate(rows, start=1):
        assert (row.seq, row.previous_hash, row.hash) == (seq, previous, transfer_hash(row))
        assert row.institution_id == account.institution_id
        previous = row.hash
    assert (account.seq, account.head_hash) == (len(rows), previous)


def _assert_sums(account: PatronAccount, rows: list[Transfer], fees: dict[int, Fee]) -> None:
    sums: Counter[str] = Counter()
    for row in rows:
        sums[row.debit] += row.amount_minor
        sums[row.credit] -= row.amount_minor
    assert account.active_minor == sums[ACTIVE]
    assert account.disputed_minor == sums[DISPUTED]
    assert account.transferred_minor == sums[TRANSFERRED]
    assert account.credit_minor == -sums[CREDIT]
    assert account.balance_minor == sum(fee.remaining_minor for fee in fees.values() if fee.status == "ACTIVE")
    assert account.disputed_minor == sum(fee.remaining_minor for fee in fees.values() if fee.status == "INDISPUTE")
    assert account.transferred_minor == sum(fee.transferred_minor for fee in fees.values())


def _assert_fee(fee: Fee, rows: list[Transfer], fees: dict[int, Fee]) -> None:
    sides = [(row.debit, row.amount_minor) for row in rows] + [(row.credit, -row.amount_minor) for row in rows]
    if fee.is_credit:
        assert fee.remaining_minor == sum(amount for side, amount in sides if side == CREDIT)
        assert fee.original_minor <= fee.remaining_minor <= 0
    else:
        mine = [row for row in rows if row.fee_id == fee.pk]
        sides = [(row.debit, row.amount_minor) for row in mine] + [(row.credit, -row.amount_minor) for row in mine]
        assert fee.remaining_minor == sum(amount for side, amount in sides if side in (ACTIVE, DISPUTED))
        assert 0 <= fee.remaining_minor <= fee.original_minor
        assert 0 <= fee.refunded_minor <= fee.paid_minor
        given_out = sum(row.amount_minor for row in mine if row.kind == Kind.REDUCTION and row.credit == CREDIT)
        exported = sum(row.amount_minor for row in mine if row.kind in _EXPORTS)
        exported -= sum(row.amount_minor for row in mine if row.corrects and row.corrects.kind in _EXPORTS)
        assert fee.credited_minor == given_out <= fee.paid_minor - fee.refunded_minor + exported
        assert fee.reduced_minor == sum(row.amount_minor for row in mine if row.kind == Kind.REDUCTION)
        assert fee.paid_minor >= 0 and fee.waived_minor >= 0
        lowered = fee.reduced_minor - fee.credited_minor
        assert fee.paid_minor + fee.waived_minor + exported + lowered <= fee.original_minor
        _assert_vat(fee, mine, fees)
    is_open = bool(fee.remaining_minor or fee.transferred_minor)
    taken_back = {row.corrects_id for row in rows}
    received = [row for row in rows if row.kind == Kind.PAYMENT_RECEIVED and row.credit == TRANSFERRED]
    received = [row for row in received if row.pk not in taken_back]
    is_shown = not is_open and bool(received) and received[-1].credit_fee_id is not None  # row D5
    assert (is_open or is_shown) == (fee.status != Fee.Status.CLOSED)
    assert not is_shown or (fee.status, fee.closed_as) == (Fee.Status.EXPORTED, Fee.ClosedAs.PAID)
    assert is_open == (not fee.closed_as)


def _assert_vat(fee: Fee, rows: list[Transfer], fees: dict[int, Fee]) -> None:
    bound = sum(other.remaining_minor for other in fees.values() if other.bound_to_id == fee.pk)
    assert bound == 0 or fee.status == Fee.Status.ACTIVE
    assert fee.remaining_minor + bound >= 0
    settled_minor = fee.original_minor - fee.remaining_minor - bound
    settled = charged = refunded = 0
    for row in rows:
        what = row.corrects.kind if row.corrects else row.kind
        sign = -1 if row.corrects else 1
        if what == Kind.CHARGE:
            charged += 0 if row.corrects else row.vat_minor
            settled += row.vat_minor if row.corrects else 0
        elif what == Kind.REFUND or (what == Kind.REDUCTION and row.credit == CREDIT):
            refunded += sign * row.vat_minor
        elif what in _SETTLING or what == Kind.REDUCTION:
            settled += sign * row.vat_minor
    assert charged == vat_in(fee.original_minor, fee.vat_rate_bp)
    assert settled == vat_in(settled_minor, fee.vat_rate_bp)
    assert refunded == vat_in(fee.refunded_minor + fee.credited_minor, fee.vat_rate_bp)


def trial_balance(institution_id: int) -> int:
    """The sum of every ledger account of one institution; a transfer moves, so it is zero, whatever happened."""
    mine = Transfer.objects.filter(Q(institution_id=institution_id), ~Q(debit=F("credit")))
    per_side = [mine.values(side).annotate(total=Sum("amount_minor")) for side in ("debit", "credit")]
    debits, credits = (sum(row["total"] for row in rows) for rows in per_side)
    return debits - credits
