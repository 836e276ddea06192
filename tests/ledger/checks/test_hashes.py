"""Transfers, comments and idempotency records changed behind the ledger: the hashes tell."""

import pytest

from amerce.ledger.models import Idempotency, PatronAccount, Transfer
from amerce.ledger.verify import verify
from amerce.patrons.models import Note
from tests.ledger.findings import a_transfer, finding_of
from tests.ledger.tamper import rehash, tamper

pytestmark = [pytest.mark.django_db, pytest.mark.money]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("amount_minor", 334),
        ("vat_minor", 29),
        ("debit", "method:CREDIT_CARD"),
        ("kind", "WAIVE"),
        ("actor_name", "somebody else"),
        ("method", "ONLINE"),
        ("external_transaction_id", "x"),
        ("payment_id", 99_999),
        ("at", "2020-01-01 00:00:00+00:00"),
        ("actor_id", None),
        ("note_hash", "0" * 64),
    ],
)
def test_a_changed_column_is_named_by_its_row(busy, column, value):
    # given
    payment = a_transfer(busy.paid, "PAYMENT")

    # when
    tamper(f"UPDATE ledger_transfer SET {column} = %s WHERE id = %s", value, payment.pk)

    # then
    found = finding_of("Transfers follow one another")
    assert found.startswith(f"transfer {payment.pk}: expected hash ")
    assert found.endswith(f"found {payment.hash}")
    assert str(verify().findings[0]) == found


def test_who_recomputes_one_hash_but_not_the_next_is_found_at_the_next_row(busy):
    # given
    payment = a_transfer(busy.paid, "PAYMENT")
    following = Transfer.objects.get(account=busy.account, seq=payment.seq + 1)
    tamper("UPDATE ledger_transfer SET actor_name = %s WHERE id = %s", "somebody else", payment.pk)

    # when
    rehash(payment)

    # then
    payment.refresh_from_db()
    assert finding_of("Transfers follow one another") == (
        f"transfer {following.pk}: expected previous hash {payment.hash}, found {following.previous_hash}"
    )


def test_who_recomputes_the_last_row_but_not_the_head_is_found_at_the_account(busy):
    # given
    last = Transfer.objects.get(account=busy.account, seq=busy.account.seq)
    tamper("UPDATE ledger_transfer SET actor_name = %s WHERE id = %s", "somebody else", last.pk)

    # when
    rehash(last)

    # then
    last.refresh_from_db()
    assert finding_of("Transfers follow one another") == (
        f"account {busy.account.pk}: expected head {last.hash}, found {busy.account.head_hash}"
    )


def test_a_deleted_row_is_found_by_the_gap(busy):
    # given
    waiver = a_transfer(busy.waived, "WAIVE")
    following = Transfer.objects.get(account=busy.account, seq=waiver.seq + 1)

    # when
    tamper("DELETE FROM ledger_transfer WHERE id = %s", waiver.pk)

    # then
    assert finding_of("Transfers follow one another") == (
        f"transfer {following.pk} of account {busy.account.pk}: expected seq {waiver.seq}, found {following.seq}"
    )


def test_a_deleted_last_row_is_found_by_head_and_sums(busy):
    # given
    last = Transfer.objects.get(account=busy.account, seq=busy.account.seq)

    # when
    tamper("DELETE FROM ledger_transfer WHERE id = %s", last.pk)

    # then
    assert finding_of("Transfers follow one another") == (
        f"account {busy.account.pk}: expected head {last.previous_hash}, found {last.hash}"
    )
    assert finding_of("Account sums") == (f"account {busy.account.pk}: expected credit of 200 minor units, found 500")


def test_all_rows_of_an_account_deleted_are_found_by_its_sums(busy):
    # when
    tamper("UPDATE ledger_transfer SET corrects_id = NULL WHERE corrects_id IS NOT NULL")
    tamper("DELETE FROM ledger_transfer WHERE account_id = %s", busy.account.pk)

    # then
    assert finding_of("Account sums") == f"account {busy.account.pk}: expected active of 0 minor units, found 5000"


def test_guards_dropped_a_row_changed_and_guards_made_again_is_caught_by_the_chain(busy):
    # given
    payment = a_transfer(busy.paid, "PAYMENT")

    # when
    tamper("UPDATE ledger_transfer SET amount_minor = 300 WHERE id = %s", payment.pk)

    # then
    assert finding_of("Guards") == "whole"
    assert finding_of("Transfers follow one another").startswith(f"transfer {payment.pk}: expected hash ")


def test_an_account_without_transfers_has_no_head(library, busy):
    # given
    other = PatronAccount.objects.create(institution=library.institution, patron=library.new_patron("second"))

    # when
    tamper("UPDATE ledger_patronaccount SET head_hash = %s WHERE id = %s", "f" * 64, other.pk)

    # then
    assert finding_of("Accounts without transfers are empty") == (
        f"account {other.pk}: expected head {'0' * 64}, found {'f' * 64}"
    )


def test_a_changed_comment_is_named(busy):
    # given
    payment = a_transfer(busy.paid, "PAYMENT")

    # when
    tamper("UPDATE patrons_note SET text = 'nothing' WHERE id = %s", payment.note_id)

    # then
    assert finding_of("Comments").startswith(
        f"note {payment.note_id} of transfer {payment.pk}: expected the text of hash {payment.note_hash}, found "
    )


def test_an_erased_comment_still_verifies(busy):
    # when
    Note.objects.update(text="", salt="")

    # then
    assert verify().findings == []


def test_a_comment_cut_off_its_transfer_is_named(busy):
    # given
    payment = a_transfer(busy.paid, "PAYMENT")

    # when
    tamper("UPDATE ledger_transfer SET note_id = NULL WHERE id = %s", payment.pk)

    # then
    assert finding_of("Comments") == (
        f"transfer {payment.pk}: expected no note hash without a note, found {payment.note_hash}"
    )


@pytest.mark.parametrize(("column", "value"), [("key", "c"), ("input_hash", "0" * 64), ("result", "{}")])
def test_a_changed_idempotency_record_is_named(busy, column, value):
    # given
    record = Idempotency.objects.get(key="a")

    # when
    tamper(f"UPDATE ledger_idempotency SET {column} = %s WHERE id = %s", value, record.pk)

    # then
    found = finding_of("Idempotency records")
    assert found.startswith(f"idempotency record {record.pk}: expected hash ")
    assert found.endswith(f"found {record.hash}")


def test_a_result_that_tells_of_another_transfer_is_named(busy):
    # given
    record = Idempotency.objects.get(key="a")
    payment = a_transfer(busy.paid, "PAYMENT")

    # when
    tamper("UPDATE ledger_transfer SET amount_minor = 300 WHERE id = %s", payment.pk)

    # then
    assert finding_of("Idempotency records") == (
        f"idempotency record {record.pk}, transfer at seq {payment.seq}: "
        f"expected PAYMENT of 333 on fee {busy.paid.pk}, credit None, receipt {payment.payment_id}, "
        f"found PAYMENT of 300 on fee {busy.paid.pk}, credit None, receipt {payment.payment_id}"
    )


def test_a_result_whose_transfer_is_gone_is_named(busy):
    # given
    record = Idempotency.objects.get(key="a")
    payment = a_transfer(busy.paid, "PAYMENT")

    # when
    tamper("DELETE FROM ledger_transfer WHERE id = %s", payment.pk)

    # then
    assert finding_of("Idempotency records").startswith(
        f"idempotency record {record.pk}, transfer at seq {payment.seq}"
    )
    assert finding_of("Idempotency records").endswith("found no transfer")
