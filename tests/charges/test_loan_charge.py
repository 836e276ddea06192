import pytest

from amerce.charges.models import Fee
from tests.charges.acts import Desk, state

pytestmark = [pytest.mark.django_db, pytest.mark.money]

LOST, PROCESS = "LOSTITEMREPLACEMENTFEE", "LOSTITEMPROCESSFEE"


def test_what_is_open_is_lowered_and_the_original_stays(desk: Desk) -> None:
    loan = desk.new_loan()
    desk.bring_to(loan, 1000)

    assert desk.bring_to(loan, 700) == -300

    fee = Fee.objects.get()
    assert (state(fee), fee.original_minor, fee.reduced_minor, fee.credited_minor) == (
        ("ACTIVE", "", 700),
        1000,
        300,
        0,
    )
    assert desk.balance() == 700


def test_paid_in_part_and_waived_then_found_gives_back_what_was_paid(desk: Desk) -> None:
    loan = desk.new_loan()
    desk.bring_to(loan, 9900, LOST)
    desk.bring_to(loan, 2000, PROCESS)
    lost = Fee.objects.get(type__code=LOST)
    desk.pay(lost, amount=2700)
    desk.waive(lost, amount=2500)

    desk.take_back(loan)

    assert (state(lost), desk.newest_credit().remaining_minor, desk.balance()) == (
        ("CLOSED", "reduced", 0),
        -2700,
        -700,
    )
