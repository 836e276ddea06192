"""What came from the bursar, changed by raw SQL."""

import pytest

from amerce.charges.models import Fee
from amerce.ledger.models import Transfer
from amerce.ledger.verify import verify
from tests.charges.acts import Desk
from tests.ledger.findings import finding_of
from tests.ledger.tamper import tamper

pytestmark = [pytest.mark.django_db, pytest.mark.money]


@pytest.fixture
def paid(library) -> Fee:
    """10.00 that went to the bursar, where 12.00 were paid."""
    desk = Desk(library)
    fee = desk.charge(1000)
    desk.export_set(fee, awaits_payment=True)
    desk.settle((fee, 1200))
    return Fee.objects.get(pk=fee.pk)


@pytest.fixture
def taken_back(library) -> Fee:
    """10.00 that went to the bursar, where 12.00 were said to be paid, which was taken back."""
    desk = Desk(library)
    fee = desk.charge(1000)
    desk.export_set(fee, awaits_payment=True)
    desk.take_back_payments(*desk.settle((fee, 1200)))
    return Fee.objects.get(pk=fee.pk)


def received() -> Transfer:
    return Transfer.objects.get(kind="PAYMENT_RECEIVED", credit="patron:transferred")


def test_a_payment_received_with_its_credit_and_its_excess_is_whole(paid):
    assert (paid.status, paid.closed_as) == ("EXPORTED", "paid")
    assert verify().findings == []


def test_a_payment_from_elsewhere_than_the_bursar_is_named(paid):
    tamper("UPDATE ledger_transfer SET debit = 'method:CASH' WHERE id = %s", received().pk)

    expected = f"transfer {received().pk}: expected money of the bursar's, found method:CASH from patron:transferred"
    assert finding_of("Payments received from the bursar") == expected


def test_a_credit_that_shows_a_payment_and_is_used_is_named(paid):
    row, excess = received(), Transfer.objects.get(kind="PAYMENT_RECEIVED", credit="patron:credit")

    tamper("UPDATE ledger_transfer SET credit_fee_id = %s WHERE id = %s", row.credit_fee_id, excess.pk)

    found = finding_of("Payments received from the bursar")
    assert found.startswith(f"transfer {excess.pk}: expected money of the bursar's")


def test_a_payment_that_was_taken_back_is_whole_and_so_is_its_credit(taken_back):
    assert (taken_back.status, taken_back.closed_as, taken_back.transferred_minor) == ("EXPORTED", "", 1000)
    assert verify().findings == []


def test_a_credit_that_showed_a_payment_and_is_of_the_correction_of_another_is_named(taken_back):
    row, correction = received(), Transfer.objects.get(kind="CORRECTION", debit="patron:transferred")

    tamper("UPDATE ledger_transfer SET corrects_id = NULL WHERE id = %s", correction.pk)

    found = finding_of("Payments received from the bursar")
    assert found == f"transfer {row.pk}: expected a CREDIT of its own, not bound, found credit {row.credit_fee_id}"


def test_a_correction_of_something_else_that_names_a_credit_is_named(taken_back):
    correction = Transfer.objects.get(kind="CORRECTION", debit="patron:transferred")
    charge = Transfer.objects.get(kind="CHARGE")

    tamper("UPDATE ledger_transfer SET corrects_id = %s WHERE id = %s", charge.pk, correction.pk)

    expected = f"transfer {correction.pk}: expected no credit moved, found credit {correction.credit_fee_id}"
    assert finding_of("Chart of accounts") == expected


def test_a_credit_that_showed_what_was_taken_back_must_be_closed(taken_back):
    credit_id = received().credit_fee_id

    tamper("UPDATE charges_fee SET status = 'EXPORTED', closed_as = 'paid' WHERE id = %s", credit_id)

    expected = "expected closed as corrected, found closed as paid and EXPORTED"
    assert finding_of("Fee statuses") == f"fee {credit_id}: {expected}"


def test_vat_on_a_payment_received_is_named(paid):
    tamper("UPDATE ledger_transfer SET vat_minor = 7 WHERE id = %s", received().pk)

    expected = f"transfer {received().pk}: expected no VAT, its export had it, found 7"
    assert finding_of("Payments received from the bursar") == expected


def test_a_fee_that_is_shown_as_paid_must_be_transferred(paid):
    tamper("UPDATE charges_fee SET status = 'CLOSED' WHERE id = %s", paid.pk)

    expected = "expected closed as paid at the bursar and shown by a CREDIT, found closed as paid"
    assert finding_of("Fee statuses") == f"fee {paid.pk}: {expected}"
