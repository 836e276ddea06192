"""The only writer of money: the chain, the sums and what the database refuses."""

import json
from dataclasses import replace
from hashlib import sha256

import pytest
from django.db import IntegrityError, transaction

from amerce.charges.models import Fee
from amerce.ledger.chart import Kind
from amerce.ledger.models import NO_HASH, PatronAccount, Transfer
from amerce.ledger.post import Posting, keep_result, post
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.money]


@pytest.fixture
def account(library) -> PatronAccount:
    library.charge(1000)
    return PatronAccount.objects.get(patron=library.patron)


@pytest.fixture
def payment(account) -> Posting:
    return Posting(
        kind=Kind.PAYMENT,
        debit="method:CASH",
        credit="patron:active",
        amount_minor=400,
        fee_id=Fee.objects.get().pk,
        method="CASH",
    )


def write(library, account: PatronAccount, *postings: Posting) -> list[Transfer]:
    with transaction.atomic():
        return post(account, postings, actor=library.manager, at=NOON, currency_code="USD")


def refused(library, account: PatronAccount, posting: Posting) -> None:
    """Assert that the database refuses the posting and that nothing was written."""
    before = PatronAccount.objects.values().get(pk=account.pk)
    count = Transfer.objects.count()
    with pytest.raises(IntegrityError):
        write(library, account, posting)
    assert PatronAccount.objects.values().get(pk=account.pk) == before
    assert Transfer.objects.count() == count


def test_the_first_transfer_stands_on_nothing_and_its_hash_is_the_head(account):
    charge = Transfer.objects.get()
    assert charge.seq == 1
    assert charge.previous_hash == NO_HASH
    assert account.seq == 1
    assert account.head_hash == charge.hash


def test_the_hash_is_that_of_all_columns_as_json(library, account):
    charge = Transfer.objects.get()
    manager = library.manager
    columns = {
        "account_id": account.pk,
        "actor_id": manager.account_id,
        "actor_name": "main-circulation_desk_manager",
        "amount_minor": 1000,
        "at": "2026-03-02T12:00:00.000000+00:00",
        "credit": "income:OTHER",
        "currency_code": "USD",
        "debit": "patron:active",
        "desk_id": library.desk.pk,
        "external_transaction_id": "",
        "fee_id": charge.fee_id,
        "institution_id": library.institution.pk,
        "kind": "CHARGE",
        "library_id": library.library.pk,
        "method": "",
        "note_hash": "",
        "previous_hash": "0" * 64,
        "reason": "",
        "seq": 1,
        "vat_minor": 0,
    }
    assert charge.hash == sha256(json.dumps(columns, separators=(",", ":")).encode()).hexdigest()


def test_each_transfer_holds_the_hash_of_the_one_before(library, account, payment):
    # when
    first, second = write(library, account, payment, replace(payment, amount_minor=600))

    # then
    assert [first.seq, second.seq] == [2, 3]
    assert first.previous_hash == Transfer.objects.get(seq=1).hash
    assert second.previous_hash == first.hash
    assert account.head_hash == second.hash
    assert PatronAccount.objects.get() == account
    assert PatronAccount.objects.get().head_hash == second.hash


def test_two_transfers_of_the_same_money_have_two_hashes(library, account, payment):
    first, second = write(library, account, payment, payment)
    assert first.hash != second.hash


@pytest.mark.parametrize(
    ("sides", "sums"),
    [
        (("method:CASH", "patron:active"), (600, 0, 0, 0)),
        (("patron:disputed", "patron:active"), (600, 400, 0, 0)),
        (("patron:transferred", "patron:active"), (600, 0, 400, 0)),
        (("income:OTHER", "patron:credit"), (1000, 0, 0, 400)),
        (("patron:credit", "patron:active"), (600, 0, 0, -400)),
        (("bursar", "patron:transferred"), (1000, 0, -400, 0)),
        (("patron:active", "patron:disputed"), (1400, -400, 0, 0)),
        (("income:OTHER", "refunded:CASH"), (1000, 0, 0, 0)),
    ],
)
def test_the_sums_of_the_account_follow_both_sides(library, account, payment, sides, sums):
    # when
    write(library, account, replace(payment, debit=sides[0], credit=sides[1]))

    # then
    kept = PatronAccount.objects.get()
    assert (kept.active_minor, kept.disputed_minor, kept.transferred_minor, kept.credit_minor) == sums


def test_credits_not_used_lower_the_balance(library, account, payment):
    write(library, account, replace(payment, kind=Kind.CREDIT, debit="income:OTHER", credit="patron:credit"))
    assert PatronAccount.objects.get().balance_minor == 600


@pytest.mark.parametrize("amount_minor", [0, -1, -400])
def test_an_amount_of_zero_or_less_is_refused_by_the_database(library, account, payment, amount_minor):
    refused(library, account, replace(payment, amount_minor=amount_minor))


def test_money_from_an_account_to_itself_is_refused_by_the_database(library, account, payment):
    refused(library, account, replace(payment, debit="patron:active"))


@pytest.mark.parametrize("vat_minor", [-1, 401])
def test_vat_below_zero_or_above_the_amount_is_refused_by_the_database(library, account, payment, vat_minor):
    refused(library, account, replace(payment, vat_minor=vat_minor))


def test_a_transfer_is_not_corrected_twice(library, account, payment):
    # given
    (paid,) = write(library, account, payment)
    correction = replace(
        payment, kind=Kind.CORRECTION, debit="patron:active", credit="method:CASH", corrects_id=paid.pk
    )
    write(library, account, correction)

    # then
    refused(library, PatronAccount.objects.get(), correction)


def test_an_account_read_before_somebody_else_wrote_is_refused(library, account, payment):
    # given
    stale = PatronAccount.objects.get()
    write(library, account, payment)

    # then
    refused(library, stale, payment)


def test_one_bad_posting_of_several_writes_none(library, account, payment):
    # when
    with pytest.raises(IntegrityError):
        write(library, account, payment, replace(payment, amount_minor=0))

    # then
    assert Transfer.objects.count() == 1
    assert PatronAccount.objects.get().seq == 1


def test_a_key_is_kept_once_per_patron_and_scope(library, account):
    # given
    kept = {"account": account, "key": "a", "inputs": {}, "result": {}, "at": NOON}
    keep_result(scope="form", **kept)
    keep_result(scope="external:all", **kept)

    # then
    with pytest.raises(IntegrityError), transaction.atomic():
        keep_result(scope="form", **kept)
