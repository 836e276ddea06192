"""The bench compares like with like: the limit does the same statements and writes the same rows."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models import Model

from amerce.bulk.models import WaivedPatron
from amerce.bursar.models import BursarLine, BursarPayment, BursarRun
from amerce.charges.models import Fee
from amerce.circulation.models import Loan
from amerce.events.models import Event
from amerce.ledger.hashing import idempotency_hash, transfer_hash
from amerce.ledger.models import NO_HASH, Idempotency, PatronAccount, Transfer
from amerce.ledger.verify import verify
from amerce.patrons.models import Note
from amerce.patrons.notes import note_hash
from amerce.perf.bursar import Chunk
from amerce.perf.case import Case
from amerce.perf.ground import Ground, lay_ground
from amerce.perf.measure import measure
from amerce.perf.plain import Plain
from amerce.perf.registry import CASES

pytestmark = [pytest.mark.django_db, pytest.mark.money, pytest.mark.usefixtures("flushable")]

WRITTEN: tuple[type[Model], ...] = (Fee, Transfer, Event, Idempotency, Note, Loan, WaivedPatron)
OWN_TO_EACH_ROW = {
    "_state", "id", "fee_id", "note_id", "seq", "payment_id", "at", "status_at", "created_at", "key", "salt",
    "hash", "previous_hash", "note_hash", "input_hash", "receipt", "patron_id", "account_id", "balance_minor",
    "disputed_minor", "loan_id", "item_id", "barcode", "loan", "item", "run_id", "file_id", "number", "profile_id",
    "started_at", "transfer_id", "transaction_id", "bursar_transaction_id",
}  # fmt: skip
"""Ids, times and what is random or follows from them."""


@pytest.fixture
def ground(flushable: None) -> Ground:
    return lay_ground(patrons=2)


@pytest.fixture
def plain(ground: Ground) -> Iterator[Plain]:
    opened = Plain()
    yield opened
    opened.close()


def bare(value: Any) -> Any:
    if isinstance(value, dict):
        plain = {name: bare(each) for name, each in value.items() if name not in OWN_TO_EACH_ROW}
        return plain | ({"credit_fee_id": bool(plain["credit_fee_id"])} if "credit_fee_id" in plain else {})
    return [bare(each) for each in value] if isinstance(value, list) else value


def rows_after(ids: dict[type[Model], int]) -> dict[str, list[Any]]:
    return {
        model.__name__: [bare(vars(row)) for row in model._default_manager.filter(pk__gt=ids[model]).order_by("pk")]
        for model in WRITTEN
    }


def last_ids() -> dict[type[Model], int]:
    return {
        model: model._default_manager.order_by("-pk").values_list("pk", flat=True).first() or 0 for model in WRITTEN
    }


def fees_of(work: Any) -> list[dict[str, Any]]:
    """The fees that were there before the work, as it left them."""
    fees = Fee.objects.filter(pk=work.fee_id)
    if loans := getattr(work, "loan_ids", ()):
        fees = Fee.objects.filter(loan__in=loans).order_by("patron", "loan")
    return [bare(vars(fee)) for fee in fees]


def bursar_rows(work: Any) -> list[dict[str, Any]]:
    """The run or file of the work and its lines, as the work left them; each line names a transfer of its fee."""
    if not isinstance(work, Chunk):
        return []
    whole = work.of._default_manager.get(pk=work.pk)
    lines: list[Any] = list((BursarLine if work.of is BursarRun else BursarPayment)._default_manager.order_by("pk"))
    mine = [line for line in lines if work.pk == (line.run_id if work.of is BursarRun else line.file_id)]
    assert all(line.transfer.fee_id == line.fee_id and line.fee.bursar_transaction_id for line in mine)
    return [bare(vars(row)) for row in (whole, *mine)]


def account_of(patron_id: int) -> dict[str, Any]:
    account = PatronAccount.objects.get(patron_id=patron_id)
    return {"balance": account.balance_minor, "disputed": account.disputed_minor, "seq": account.seq}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_limit_writes_the_same_rows_and_they_are_accepted(case: Case, ground: Ground, plain: Plain) -> None:
    # given
    works = case.prepare(ground, 2)
    sides = [case.ours, case.limit]
    if case.one_statement and plain.is_postgresql:
        works, sides = case.prepare(ground, 3), [*sides, case.one_statement]
    first_patron, second_patron = works[0].patron_id, works[1].patron_id

    # when
    written = []
    for side, work in zip(sides, works, strict=True):
        before = last_ids()
        side(ground, plain, work)
        written.append((rows_after(before), fees_of(work), bursar_rows(work)))

    # then
    for each in written[1:]:
        assert each == written[0]
    assert written[0][0]["Idempotency"] or written[0][0]["Fee"] or written[0][0]["WaivedPatron"] or written[0][2]
    if len(sides) == 2:
        assert account_of(first_patron) == account_of(second_patron)
    for account in PatronAccount.objects.all():
        head = NO_HASH
        for transfer in Transfer.objects.filter(account=account).order_by("seq"):
            assert transfer.previous_hash == head
            assert transfer.hash == transfer_hash(transfer)
            assert transfer.note is None or transfer.note_hash == note_hash(transfer.note.text, transfer.note.salt)
            head = transfer.hash
        assert account.head_hash == head
    for key in Idempotency.objects.all():
        assert key.hash == idempotency_hash(key)


def test_the_limit_is_accepted_by_verify(ground: Ground, plain: Plain) -> None:
    for case in CASES:
        for work in case.prepare(ground, 2):
            case.limit(ground, plain, work)

    assert [finding for _, finding in verify().results if finding] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_both_sides_send_equally_many_statements(case: Case, ground: Ground, plain: Plain) -> None:
    measured = measure(case, ground, plain, rounds=1, operations=2)

    assert measured.ours_statements == measured.limit_statements > 0
    assert measured.ours_per_s > 0
    assert measured.ratio == measured.ours_per_s / measured.limit_per_s
