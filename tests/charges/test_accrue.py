import pytest

from amerce.charges.models import Fee
from amerce.events.models import Event
from tests.charges.acts import Desk, now, shares, state
from tests.charges.checks import nothing_written

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_the_first_charge_of_a_loan_makes_a_fee_with_loan_item_and_owner(desk: Desk) -> None:
    loan = desk.new_loan(desk.library.new_item("The leopard", "39007000000007"))

    desk.accrue(loan, 75, comment="3 days late")

    fee = Fee.objects.get()
    assert (fee.loan_id, fee.item_id, fee.owner_id) == (loan.pk, loan.item_id, desk.library.library.pk)
    assert (fee.title, fee.barcode, fee.note.text) == ("The leopard", "39007000000007", "3 days late")
    assert (state(fee), desk.balance()) == (("ACTIVE", "", 75), 75)
    assert Event.objects.get(name="fee.assessed").data["lines"][0]["amount_minor"] == 75


def test_the_same_fee_grows_by_the_difference(desk: Desk) -> None:
    loan = desk.new_loan()
    desk.accrue(loan, 75)

    outcome = desk.accrue(loan, 125)

    fee = Fee.objects.get()
    assert shares(outcome) == [(fee.pk, 50, None)]
    assert (fee.original_minor, fee.remaining_minor) == (125, 125)
    assert Event.objects.filter(name="fee.raised").count() == 1


@pytest.mark.parametrize("total_minor", [125, 100, 0, -5])
def test_the_same_total_or_less_adds_nothing(desk: Desk, total_minor: int) -> None:
    loan = desk.new_loan()
    desk.accrue(loan, 125)

    with nothing_written():
        assert desk.accrue(loan, total_minor) is None


def test_it_grows_by_what_was_not_charged_yet_not_by_what_remains(desk: Desk) -> None:
    loan = desk.new_loan()
    desk.accrue(loan, 100)
    desk.pay(amount=60)

    desk.accrue(loan, 130)

    assert (now(Fee.objects.get()).remaining_minor, desk.balance()) == (70, 70)


def test_a_paid_fee_reopens(desk: Desk) -> None:
    loan = desk.new_loan()
    desk.accrue(loan, 100)
    desk.pay()

    desk.accrue(loan, 130)

    assert state(Fee.objects.get()) == ("ACTIVE", "", 30)


def test_the_waived_part_stays_waived(desk: Desk) -> None:
    loan = desk.new_loan()
    desk.accrue(loan, 100)
    desk.waive(Fee.objects.get())

    desk.accrue(loan, 130)

    fee = Fee.objects.get()
    assert (state(fee), fee.waived_minor, fee.original_minor) == (("ACTIVE", "", 30), 100, 130)


def test_a_disputed_fee_waits(desk: Desk) -> None:
    loan = desk.new_loan()
    desk.accrue(loan, 100)
    fee = Fee.objects.get()
    desk.dispute(fee)

    with nothing_written():
        assert desk.accrue(loan, 130) is None
    desk.restore(fee)
    desk.accrue(loan, 130)

    assert state(fee) == ("ACTIVE", "", 130)


@pytest.mark.parametrize("awaits_payment", [False, True])
def test_after_an_export_the_increment_is_a_new_fee(desk: Desk, awaits_payment: bool) -> None:
    loan = desk.new_loan()
    desk.accrue(loan, 100)
    exported = Fee.objects.get()
    desk.export(exported, awaits_payment=awaits_payment)

    desk.accrue(loan, 130)
    desk.accrue(loan, 150)

    new = Fee.objects.exclude(pk=exported.pk).get()
    assert (now(exported).original_minor, new.original_minor, new.remaining_minor) == (100, 50, 50)
    assert new.loan_id == loan.pk


def test_each_loan_and_each_type_has_its_own_fee(desk: Desk) -> None:
    first, second = desk.new_loan(), desk.new_loan()
    desk.accrue(first, 100)
    desk.accrue(second, 40)
    desk.accrue(first, 10, type_code="RECALLEDOVERDUEFINE")

    assert sorted(Fee.objects.values_list("original_minor", flat=True)) == [10, 40, 100]


def test_the_vat_of_a_growing_fee_sums_to_the_vat_of_its_whole(desk: Desk) -> None:
    desk.vat_rate("OVERDUEFINE", 1000)
    loan = desk.new_loan()
    vats = []
    for total_minor in (333, 666, 1000):
        desk.accrue(loan, total_minor)
        vats.append(desk.last_transfer("CHARGE").vat_minor)

    assert vats == [30, 31, 30]
