"""Sums of fees and accounts changed by raw SQL: they must follow from the transfers."""

import pytest

from amerce.charges.models import Fee
from amerce.ledger.verify import verify
from tests.databases import ENGINE
from tests.ledger.findings import a_transfer, finding_of
from tests.ledger.tamper import tamper

pytestmark = [pytest.mark.django_db, pytest.mark.money]


@pytest.mark.parametrize(
    ("column", "expected"),
    [("active", 5000), ("disputed", 700), ("transferred", 600), ("credit", 500)],
)
def test_a_changed_sum_of_an_account_is_named(busy, column, expected):
    # when
    tamper(f"UPDATE ledger_patronaccount SET {column}_minor = {column}_minor + 1")

    # then
    assert finding_of("Account sums") == (
        f"account {busy.account.pk}: expected {column} of {expected} minor units, found {expected + 1}"
    )


def test_a_changed_seq_of_an_account_is_named(busy):
    # when
    tamper("UPDATE ledger_patronaccount SET seq = 17")

    # then
    assert finding_of("Account sums") == f"account {busy.account.pk}: expected seq 16 of 16 transfers, found seq 17"


@pytest.mark.parametrize(
    ("column", "expected"),
    [("original", 1000), ("remaining", 0), ("transferred", 0), ("paid", 1000), ("waived", 0), ("refunded", 100)],
)
def test_a_changed_amount_of_a_fee_is_named(busy, column, expected):
    # when
    tamper(f"UPDATE charges_fee SET {column}_minor = {column}_minor + 1 WHERE id = %s", busy.paid.pk)

    # then
    assert finding_of("Fee amounts") == (
        f"fee {busy.paid.pk}: expected {column} of {expected} minor units, found {expected + 1}"
    )


@pytest.mark.parametrize(("column", "expected"), [("original", -300), ("remaining", -300), ("refunded", 0)])
def test_a_changed_amount_of_a_credit_is_named(busy, column, expected):
    # when
    tamper(f"UPDATE charges_fee SET {column}_minor = {column}_minor - 1 WHERE id = %s", busy.credit.pk)

    # then
    assert finding_of("Credit amounts") == (
        f"credit {busy.credit.pk}: expected {column} of {expected} minor units, found {expected - 1}"
    )


def test_a_credit_turned_into_a_debt_is_named(busy):
    # when
    tamper("UPDATE charges_fee SET original_minor = 300, remaining_minor = 300 WHERE id = %s", busy.credit.pk)

    # then
    assert finding_of("Fee amounts") == f"fee {busy.credit.pk}: expected original of 0 minor units, found 300"


def test_a_fee_without_any_transfer_is_named(library, busy):
    # given
    fee = Fee.objects.get(pk=busy.lost.pk)
    fee.pk = None

    # when
    fee.save(force_insert=True)

    # then
    assert finding_of("Fee amounts") == f"fee {fee.pk}: expected original of 0 minor units, found 4500"


def test_a_disputed_fee_marked_active_is_named(busy):
    # when
    tamper("UPDATE charges_fee SET status = 'ACTIVE' WHERE id = %s", busy.disputed.pk)

    # then
    assert finding_of("Fee amounts") == (
        f"fee {busy.disputed.pk}: expected its remainder where ACTIVE stands, found 0 active, 700 disputed of 700"
    )
    assert finding_of("Account sums") == f"account {busy.account.pk}: expected active of 5700 minor units, found 5000"


@pytest.mark.parametrize(
    ("fee", "status", "closed_as", "finding"),
    [
        ("paid", "ACTIVE", "", "expected the status of 0 remaining and 0 transferred, found ACTIVE"),
        ("paid", "CLOSED", "", "expected the status of 0 remaining and 0 transferred, found CLOSED"),
        ("paid", "CLOSED", "waived", "expected closed as paid, found closed as waived"),
        ("waived", "CLOSED", "paid", "expected closed as waived, found closed as paid"),
        ("lost", "CLOSED", "paid", "expected the status of 4500 remaining and 0 transferred, found CLOSED paid"),
        (
            "exported",
            "CLOSED",
            "exported",
            "expected the status of 0 remaining and 600 transferred, found CLOSED exported",
        ),
        ("mistaken", "EXPORTED", "", "expected the status of 500 remaining and 0 transferred, found EXPORTED"),
        ("mistaken", "GONE", "", "expected the status of 500 remaining and 0 transferred, found GONE"),
    ],
)
def test_a_status_that_does_not_follow_from_the_transfers_is_named(busy, fee, status, closed_as, finding):
    # given
    fee_id = getattr(busy, fee).pk

    # when
    tamper("UPDATE charges_fee SET status = %s, closed_as = %s WHERE id = %s", status, closed_as, fee_id)

    # then
    assert finding_of("Fee statuses") == f"fee {fee_id}: {finding}"


def test_a_bound_credit_let_loose_on_another_fee_is_named(busy):
    # given
    bound = Fee.objects.get(bound_to=busy.lost)

    # when
    tamper("UPDATE charges_fee SET bound_to_id = %s WHERE id = %s", busy.mistaken.pk, bound.pk)

    # then
    waiver = a_transfer(busy.lost, "WAIVE")
    assert finding_of("Bound credits") == (
        f"transfer {waiver.pk}: expected fee {busy.mistaken.pk}, found fee {busy.lost.pk}"
    )


@pytest.mark.parametrize(("column", "value", "limit"), [("remaining_minor", 100, 100), ("status", "INDISPUTE", 4500)])
def test_a_bound_credit_that_does_not_stand_beside_its_fee_is_named(busy, column, value, limit):
    # when
    tamper(f"UPDATE charges_fee SET {column} = %s WHERE id = %s", value, busy.lost.pk)

    # then
    status = Fee.objects.get(pk=busy.lost.pk).status
    assert finding_of("Bound credits") == (
        f"fee {busy.lost.pk}: expected bound credits of {limit} at most, on an active fee, found 200 unused, {status}"
    )


def test_a_debt_bound_like_a_credit_is_named(busy):
    # when
    tamper("UPDATE charges_fee SET bound_to_id = %s WHERE id = %s", busy.lost.pk, busy.mistaken.pk)

    # then
    assert finding_of("Bound credits") == (
        f"credit {busy.mistaken.pk}: expected a CREDIT bound to a fee of its patron, found fee {busy.lost.pk}"
    )


@pytest.mark.parametrize(
    ("kind", "finding"),
    [
        ("CHARGE", "expected VAT of 91 in 1000 charged, found 90"),
        ("PAYMENT", "expected VAT of 91 in 1000 settled, found 90"),
        ("REFUND", "expected VAT of 9 in 100 given back, found 8"),
    ],
)
def test_vat_that_does_not_sum_is_named(busy, kind, finding):
    # when
    tamper("UPDATE ledger_transfer SET vat_minor = vat_minor - 1 WHERE id = %s", a_transfer(busy.paid, kind).pk)

    # then
    assert finding_of("VAT parts") == f"fee {busy.paid.pk}: {finding}"


def test_vat_without_a_rate_is_named(busy):
    # given
    charge = a_transfer(busy.exported, "CHARGE")

    # when
    tamper("UPDATE ledger_transfer SET vat_minor = 1 WHERE id = %s", charge.pk)

    # then
    assert finding_of("VAT parts") == f"transfer {charge.pk}: expected no VAT, the rate is 0, found 1"


@pytest.mark.skipif(ENGINE != "sqlite", reason="PostgreSQL holds whole numbers in such a column")
def test_a_fraction_of_a_minor_unit_is_named(library):
    # given
    fee = library.charge(1000)
    charge = a_transfer(fee, "CHARGE")

    # when
    tamper("UPDATE ledger_transfer SET amount_minor = 1000.4 WHERE id = %s", charge.pk)

    # then
    assert str(verify().findings[0]).startswith(f"transfer {charge.pk}: expected hash ")
    assert finding_of("Fee amounts") == f"fee {fee.pk}: expected whole minor units, found a fraction of one"
    assert finding_of("Account sums").endswith("expected whole minor units, found a fraction of one")
    assert finding_of("Trial balance") == "whole"
