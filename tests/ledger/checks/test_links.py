"""Transfers that point to what is not theirs."""

import pytest

from amerce.ledger.models import PatronAccount, Transfer
from tests.ledger.findings import a_transfer, finding_of
from tests.ledger.tamper import tamper

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_a_transfer_of_another_institution_than_its_account_is_named(library, other_library, busy):
    # given
    payment = a_transfer(busy.paid, "PAYMENT")
    ours, theirs = library.institution.pk, other_library.institution.pk

    # when
    tamper("UPDATE ledger_transfer SET institution_id = %s WHERE id = %s", theirs, payment.pk)

    # then
    assert finding_of("One institution per transfer") == (
        f"transfer {payment.pk}: expected account of institution {theirs}, found account of institution {ours}"
    )


def test_a_transfer_moved_to_another_patrons_fee_is_named(library, busy):
    # given
    other = library.new_patron("second")
    fee = library.charge(1000, patron=other)
    payment = a_transfer(busy.paid, "PAYMENT")

    # when
    tamper("UPDATE ledger_transfer SET fee_id = %s WHERE id = %s", fee.pk, payment.pk)

    # then
    assert finding_of("One patron per transfer") == (
        f"transfer {payment.pk}: expected fee of patron {library.patron.pk}, found fee of patron {other.pk}"
    )


@pytest.mark.parametrize(("table", "name"), [("patronaccount", "account"), ("idempotency", "idempotency record")])
def test_an_account_or_record_of_another_institution_than_its_patron_is_named(
    library, other_library, busy, table, name
):
    # given
    ours, theirs = library.institution.pk, other_library.institution.pk

    # when
    tamper(f"UPDATE ledger_{table} SET institution_id = %s", theirs)

    # then
    found = finding_of("Accounts and records are their patron's")
    assert found.startswith(f"{name} ")
    assert found.endswith(f"expected institution {ours}, found institution {theirs}")


def test_a_foreign_currency_is_named(busy):
    # given
    payment = a_transfer(busy.paid, "PAYMENT")

    # when
    tamper("UPDATE ledger_transfer SET currency_code = 'EUR' WHERE id = %s", payment.pk)

    # then
    assert finding_of("Currency") == f"transfer {payment.pk}: expected USD, found EUR"


def test_an_account_outside_the_chart_is_named(busy):
    # given
    payment = a_transfer(busy.paid, "PAYMENT")

    # when
    tamper("UPDATE ledger_transfer SET debit = 'pocket' WHERE id = %s", payment.pk)

    # then
    assert finding_of("Chart of accounts") == (f"transfer {payment.pk}: expected an account of the chart, found pocket")


def test_a_credit_moved_that_is_not_named_is_named(busy):
    # given
    given = a_transfer(busy.credit, "CREDIT")

    # when
    tamper("UPDATE ledger_transfer SET credit_fee_id = NULL WHERE id = %s", given.pk)

    # then
    assert finding_of("Chart of accounts") == (
        f"transfer {given.pk}: expected the fee of the credit that it moves, found none"
    )


def test_a_correction_of_another_amount_is_named(busy):
    # given
    correction = Transfer.objects.get(kind="CORRECTION")

    # when
    tamper("UPDATE ledger_transfer SET amount_minor = 400 WHERE id = %s", correction.pk)

    # then
    assert finding_of("Corrections") == (
        f"transfer {correction.pk}: expected 500 to patron:active from method:CASH on the fees of transfer "
        f"{correction.corrects_id} of account {busy.account.pk}, found 400 to patron:active from method:CASH on fee "
        f"{busy.mistaken.pk} of account {busy.account.pk}"
    )


def test_a_correction_that_corrects_nothing_is_named(busy):
    # given
    correction = Transfer.objects.get(kind="CORRECTION")

    # when
    tamper("UPDATE ledger_transfer SET corrects_id = NULL WHERE id = %s", correction.pk)

    # then
    assert finding_of("Corrections") == (
        f"transfer {correction.pk}: expected a CORRECTION just if it corrects one, found CORRECTION"
    )


def test_a_receipt_number_of_two_patrons_is_named(library, busy):
    # given
    other = library.charge(1000, patron=library.new_patron("second"))
    receipt = a_transfer(busy.paid, "PAYMENT").payment_id

    # when
    tamper("UPDATE ledger_transfer SET payment_id = %s WHERE fee_id = %s", receipt, other.pk)

    # then
    account_id = PatronAccount.objects.get(patron_id=other.patron_id).pk
    assert finding_of("Receipt numbers") == (
        f"receipt {receipt}: expected one patron, found accounts {busy.account.pk} and {account_id}"
    )


@pytest.mark.parametrize("next_value", [1, None])
def test_a_receipt_sequence_that_would_give_a_number_twice_is_named(library, busy, next_value):
    # given
    ours = library.institution.pk
    last = Transfer.objects.filter(payment_id__isnull=False).latest("payment_id").payment_id

    # when
    if next_value:
        tamper("UPDATE institutions_numbersequence SET next_value = %s", last)
    else:
        tamper("DELETE FROM institutions_numbersequence")

    # then
    found = last if next_value else "none"
    assert finding_of("Receipt sequence") == (
        f"receipt sequence of institution {ours}: expected a next value above {last}, found {found}"
    )
