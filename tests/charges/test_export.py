import pytest

from amerce.charges.errors import CreditForbids, NothingOwed, StatusForbids
from tests.charges.acts import Desk, now, shares, state
from tests.charges.checks import nothing_written

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_a_fee_exported_for_good_is_closed_and_out_of_every_balance(desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.pay(fee, amount=400)

    outcome = desk.export(fee)

    row = desk.last_transfer("EXPORT")
    assert state(fee) == ("CLOSED", "exported", 0)
    assert (now(fee).transferred_minor, desk.three_balances()) == (0, (0, 0, 0))
    assert (row.debit, row.credit, row.amount_minor) == ("bursar", "patron:active", 600)
    assert shares(outcome) == [(fee.pk, 600, None)]


def test_a_fee_that_awaits_payment_is_transferred(desk: Desk) -> None:
    fee, kept = desk.charge(1000), desk.charge(300)

    outcome = desk.export(fee, awaits_payment=True)

    row = desk.last_transfer("EXPORTED_AND_PAID")
    assert state(fee) == ("EXPORTED", "", 0)
    assert (now(fee).transferred_minor, desk.three_balances()) == (1000, (300, 0, 1000))
    assert (row.debit, row.credit) == ("patron:transferred", "patron:active")
    assert (outcome.transferred_minor, state(kept)) == (1000, ("ACTIVE", "", 300))


@pytest.mark.parametrize("verb", ["pay", "waive", "dispute", "restore", "export"])
@pytest.mark.parametrize("awaits_payment", [False, True])
def test_nothing_more_happens_here_to_an_exported_fee(desk: Desk, verb: str, awaits_payment: bool) -> None:
    fee = desk.charge(1000)
    desk.export(fee, awaits_payment=awaits_payment)

    with nothing_written(), pytest.raises(StatusForbids):
        getattr(desk, verb)(fee)


def test_pay_all_after_an_export_finds_nothing_owed(desk: Desk) -> None:
    desk.export(desk.charge(1000), awaits_payment=True)

    with nothing_written(), pytest.raises(NothingOwed):
        desk.pay()


def test_a_credit_is_not_exported_as_a_debt(desk: Desk) -> None:
    credit = desk.charge(1000, "CREDIT")

    with nothing_written(), pytest.raises(CreditForbids):
        desk.export(credit)


def test_the_same_export_asked_again_exports_once(desk: Desk) -> None:
    fee = desk.charge(1000)
    first = desk.export(fee, form_key="run-7")

    again = desk.export(fee, form_key="run-7")

    assert (again.replayed, again.lines) == (True, first.lines)
