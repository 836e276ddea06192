import pytest

from amerce.charges.errors import CreditForbids, StatusForbids
from amerce.charges.models import Fee
from amerce.ledger.models import Transfer
from tests.charges.acts import Desk, now, shares, state
from tests.charges.checks import nothing_written

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_a_disputed_fee_leaves_the_active_and_enters_the_disputed_balance(desk: Desk) -> None:
    fee, other = desk.charge(1000), desk.charge(300)

    outcome = desk.dispute(fee, comment="I returned it")

    row = desk.last_transfer("DISPUTE")
    assert state(fee) == ("INDISPUTE", "", 1000)
    assert (row.debit, row.credit, row.amount_minor) == ("patron:disputed", "patron:active", 1000)
    assert (row.note.text, desk.three_balances()) == ("I returned it", (300, 1000, 0))
    assert (outcome.balance_minor, outcome.disputed_minor) == (300, 1000)
    assert state(other) == ("ACTIVE", "", 300)


def test_only_what_remains_is_disputed(desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.pay(fee, amount=400)

    assert shares(desk.dispute(fee)) == [(fee.pk, 600, None)]
    assert desk.three_balances() == (0, 600, 0)


def test_the_vat_of_a_dispute_is_that_of_what_changes_sides(desk: Desk) -> None:
    desk.vat_rate("OTHER", 1000)
    fee = desk.charge(1000)
    desk.pay(fee, amount=333)
    desk.dispute(fee)
    desk.waive(fee, amount=333)
    desk.restore(fee)

    rows = Transfer.objects.order_by("seq").values_list("kind", "amount_minor", "vat_minor")
    assert list(rows)[1:] == [
        ("PAYMENT", 333, 30),
        ("DISPUTE", 667, 61),
        ("WAIVE", 333, 31),
        ("RESTORE", 334, 30),
    ]


@pytest.mark.parametrize("verb", ["pay", "export", "dispute"])
def test_a_disputed_fee_is_not_paid_exported_or_disputed_again(desk: Desk, verb: str) -> None:
    fee = desk.charge(1000)
    desk.dispute(fee)

    with nothing_written(), pytest.raises(StatusForbids) as refused:
        getattr(desk, verb)(fee)

    assert (refused.value.verb, refused.value.fee_id, refused.value.status) == (verb, fee.pk, "INDISPUTE")


def test_one_disputed_fee_among_the_chosen_refuses_them_all(desk: Desk) -> None:
    fee, disputed = desk.charge(1000), desk.charge(500)
    desk.dispute(disputed)

    with nothing_written(), pytest.raises(StatusForbids):
        desk.pay(fee, disputed)


def test_a_disputed_fee_accrues_nothing(desk: Desk) -> None:
    loan = desk.new_loan()
    desk.accrue(loan, 100)
    desk.dispute(Fee.objects.get())

    with nothing_written():
        assert desk.accrue(loan, 500) is None


def test_a_credit_is_not_disputed(desk: Desk) -> None:
    credit = desk.charge(100, "CREDIT")

    with nothing_written(), pytest.raises(CreditForbids):
        desk.dispute(credit)


def test_a_closed_fee_is_not_disputed(desk: Desk) -> None:
    fee = desk.charge(100)
    desk.pay(fee)

    with nothing_written(), pytest.raises(StatusForbids):
        desk.dispute(fee)
    assert now(fee).status == "CLOSED"
