"""A row that is read back must hash as it did when it was written, on either engine."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from hashlib import sha256

import pytest

from amerce.ledger.chart import Kind
from amerce.ledger.hashing import hash_of, hash_of_columns, idempotency_hash, transfer_hash
from amerce.ledger.models import Idempotency, PatronAccount, Transfer
from amerce.ledger.post import Posting, keep_result, post
from amerce.patrons.notes import write_note
from tests.world import NOON

SUMMER_IN_BERLIN = datetime(2026, 7, 1, 14, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))


def test_the_canonical_writing_is_compact_json_with_sorted_keys_in_utf8():
    written = '{"a":[1,null,"Größe"],"b":"2026-07-01T12:30:00.123456+00:00"}'
    assert hash_of({"b": SUMMER_IN_BERLIN, "a": [1, None, "Größe"]}) == sha256(written.encode()).hexdigest()


def test_a_time_hashes_as_the_moment_it_is_in_any_zone():
    assert hash_of(SUMMER_IN_BERLIN) == hash_of(SUMMER_IN_BERLIN.astimezone(UTC))


def test_a_whole_second_is_written_with_its_microseconds():
    assert hash_of(NOON) == sha256(b'"2026-03-02T12:00:00.000000+00:00"').hexdigest()


def test_a_column_that_is_null_leaves_the_hash_as_it_was_before_the_column_came():
    assert hash_of_columns(["a"], [1]) == hash_of_columns(["a", "new"], [1, None])


def test_null_empty_and_zero_are_three_values():
    hashes = {hash_of_columns(["a"], [value]) for value in (None, "", 0, "0")}
    assert len(hashes) == 4


def test_the_order_of_the_columns_does_not_matter():
    assert hash_of_columns(["a", "b"], [1, 2]) == hash_of_columns(["b", "a"], [2, 1])


@pytest.mark.parametrize("value", [datetime(2026, 7, 1), Decimal("1.00"), b"bytes", {1, 2}])  # noqa: DTZ001
def test_what_has_no_one_writing_is_refused(value):
    with pytest.raises(TypeError, match="has no canonical writing"):
        hash_of([value])


def test_not_a_number_is_refused():
    with pytest.raises(ValueError, match="JSON compliant"):
        hash_of(float("nan"))


@pytest.mark.money
@pytest.mark.django_db
@pytest.mark.parametrize(
    "at",
    [
        NOON,
        SUMMER_IN_BERLIN,
        datetime(2026, 3, 2, 12, 0, 0, 1, tzinfo=UTC),
        datetime(2026, 3, 2, 12, 0, 0, 999999, tzinfo=UTC),
        datetime(1999, 12, 31, 23, 59, 59, 500000, tzinfo=timezone(timedelta(hours=-11))),
    ],
)
@pytest.mark.parametrize("text", ["", "plain", "Größe “ß” 漢字 🎓", "e\u0301 is not é", 'a\nb\t"c\\', " spaces "])
def test_a_transfer_read_back_hashes_as_it_was_written(library, at, text):
    # given
    fee = library.charge(1000)
    account = PatronAccount.objects.get()
    note = write_note(institution_id=library.institution.pk, patron_id=library.patron.pk, text=text)
    posting = Posting(
        kind=Kind.PAYMENT,
        debit="method:CASH",
        credit="patron:active",
        amount_minor=400,
        fee_id=fee.pk,
        vat_minor=36,
        method="CASH",
        note=note,
        external_transaction_id=text,
        payment_id=2**62,
    )

    # when
    (written,) = post(account, [posting], actor=library.manager, at=at, currency_code="USD")

    # then
    read = Transfer.objects.get(pk=written.pk)
    assert transfer_hash(read) == written.hash == read.hash
    assert read.previous_hash == Transfer.objects.get(seq=1).hash


@pytest.mark.money
@pytest.mark.django_db
def test_an_idempotency_record_read_back_hashes_as_it_was_written(library):
    # given
    library.charge(1000)
    result = {
        "z": 1,
        "a": [{"none": None, "empty": "", "big": 2**62, "small": -1, "yes": True, "text": 'Größe 漢字 🎓 "\\/'}],
        "m": {"y": [], "x": {}},
        "é": "e\u0301",
    }

    # when
    keep_result(
        account=PatronAccount.objects.get(),
        scope="form",
        key="schlüssel",
        inputs={"a": [1, None]},
        result=result,
        at=SUMMER_IN_BERLIN,
    )

    # then
    read = Idempotency.objects.get()
    assert read.result == result
    assert idempotency_hash(read) == read.hash
    assert read.input_hash == sha256(b'{"a":[1,null]}').hexdigest()
