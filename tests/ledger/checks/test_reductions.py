"""What was taken back, changed by raw SQL."""

import pytest

from amerce.charges.models import Fee
from amerce.ledger.models import Transfer
from amerce.ledger.verify import verify
from tests.charges.acts import Desk
from tests.ledger.findings import finding_of
from tests.ledger.tamper import tamper

pytestmark = [pytest.mark.django_db, pytest.mark.money]


@pytest.fixture
def fine(library) -> Fee:
    """10.00 at 10 % VAT, of which 4.00 were paid and 5.00 waived; lowered to 3.00, so 1.00 and 1.00 came back."""
    desk = Desk(library)
    desk.vat_rate("OVERDUEFINE", 1000)
    loan = desk.new_loan()
    desk.bring_to(loan, 1000)
    fee = Fee.objects.get()
    desk.pay(fee, amount=400)
    desk.waive(fee, amount=500)
    desk.bring_to(loan, 300)
    return Fee.objects.get(pk=fee.pk)


def given() -> Transfer:
    return Transfer.objects.get(kind="REDUCTION", credit="patron:credit")


def test_a_fee_that_was_lowered_and_given_back_in_part_is_whole(fine):
    assert (fine.reduced_minor, fine.credited_minor, fine.closed_as) == (200, 100, "reduced")
    assert verify().findings == []


@pytest.mark.parametrize(("column", "expected"), [("reduced_minor", 200), ("credited_minor", 100)])
def test_a_changed_sum_of_what_was_taken_back_is_named(fine, column, expected):
    # when
    tamper(f"UPDATE charges_fee SET {column} = 7 WHERE id = %s", fine.pk)

    # then
    name = column.removesuffix("_minor")
    assert finding_of("Fee amounts") == f"fee {fine.pk}: expected {name} of {expected} minor units, found 7"


def test_how_it_was_closed_is_held_against_the_last_transfer(fine):
    # when
    tamper("UPDATE charges_fee SET closed_as = 'waived' WHERE id = %s", fine.pk)

    # then
    assert finding_of("Fee statuses") == f"fee {fine.pk}: expected closed as reduced, found closed as waived"


def test_more_given_as_a_credit_than_came_in_is_named(fine):
    # when: as if only 0.50 had been paid
    tamper("UPDATE charges_fee SET paid_minor = 50 WHERE id = %s", fine.pk)

    # then
    found = f"fee {fine.pk}: expected at most 1000 taken back, 50 of it as CREDIT, found 200, 100"
    assert finding_of("Reductions") == found


def test_more_taken_back_than_was_charged_is_named(fine):
    # when
    tamper("UPDATE charges_fee SET original_minor = 150 WHERE id = %s", fine.pk)

    # then
    found = f"fee {fine.pk}: expected at most 150 taken back, 400 of it as CREDIT, found 200, 100"
    assert finding_of("Reductions") == found


def test_a_reduction_in_money_is_named(fine):
    # when
    row = given()
    tamper("UPDATE ledger_transfer SET credit = 'refunded:CASH', credit_fee_id = NULL WHERE id = %s", row.pk)

    # then
    found = f"transfer {row.pk}: expected what is open lowered or a CREDIT given, found refunded:CASH"
    assert finding_of("Reductions") == found


def test_a_reduction_that_gives_a_bound_credit_is_named(fine):
    # when
    row = given()
    tamper("UPDATE charges_fee SET bound_to_id = %s WHERE id = %s", fine.pk, row.credit_fee_id)

    # then
    found = f"transfer {row.pk}: expected a CREDIT of its own, not bound, found credit {row.credit_fee_id}"
    assert finding_of("Reductions") == found


def test_a_reduction_that_adds_to_another_credit_is_named(library, fine):
    # when
    other, row = library.charge(300, "CREDIT"), given()
    tamper("UPDATE ledger_transfer SET seq = seq + 100 WHERE id = %s", row.pk)
    tamper("UPDATE ledger_transfer SET credit_fee_id = %s WHERE id = %s", other.pk, row.pk)

    # then
    found = f"transfer {row.pk}: expected a CREDIT of its own, not bound, found credit {other.pk}"
    assert finding_of("Reductions") == found


def test_a_reduction_of_another_type_is_named(fine):
    # when
    row = given()
    tamper("UPDATE ledger_transfer SET debit = 'income:OTHER' WHERE id = %s", row.pk)

    # then
    found = f"fee {fine.pk}: expected the type of income:OTHER (transfer {row.pk}), found OVERDUEFINE"
    assert finding_of("Fee types") == found


@pytest.mark.parametrize(
    ("credit", "finding"),
    [
        ("patron:credit", "expected VAT of 9 in 100 given back, found 8"),
        ("patron:active", "expected VAT of 91 in 1000 settled, found 90"),
    ],
)
def test_vat_of_a_reduction_that_does_not_sum_is_named(fine, credit, finding):
    # when
    row = Transfer.objects.get(kind="REDUCTION", credit=credit)
    tamper("UPDATE ledger_transfer SET vat_minor = vat_minor - 1 WHERE id = %s", row.pk)

    # then
    assert finding_of("VAT parts") == f"fee {fine.pk}: {finding}"


def test_more_kept_as_too_much_than_was_waived_or_refunded_is_named(fine):
    # when
    tamper("UPDATE charges_fee SET excess_minor = waived_minor + refunded_minor + 1 WHERE id = %s", fine.pk)

    # then
    fine.refresh_from_db()
    bound = fine.waived_minor + fine.refunded_minor
    found = f"expected 0 to {bound} too much, and only in dispute an amount that waits, found {bound + 1}, 0"
    assert finding_of("Reductions") == f"fee {fine.pk}: {found}"
