from datetime import timedelta

import pytest

from amerce.charges.errors import StatusForbids
from tests.charges.acts import Desk, now, shares, state
from tests.charges.checks import nothing_written
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_a_restored_fee_is_owed_again(desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.dispute(fee)

    outcome = desk.restore(fee, at=NOON + timedelta(days=3), comment="it was late")

    row = desk.last_transfer("RESTORE")
    assert state(fee) == ("ACTIVE", "", 1000)
    assert now(fee).status_at == NOON + timedelta(days=3)
    assert (row.debit, row.credit, row.note.text) == ("patron:active", "patron:disputed", "it was late")
    assert (outcome.balance_minor, outcome.disputed_minor) == (1000, 0)


def test_what_was_waived_in_the_dispute_is_not_restored(desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.dispute(fee)
    desk.waive(fee, amount=400)

    assert shares(desk.restore(fee)) == [(fee.pk, 600, None)]
    assert desk.three_balances() == (600, 0, 0)


def test_several_fees_are_restored_at_once_or_not_at_all(desk: Desk) -> None:
    first, second, never_disputed = desk.charge(100), desk.charge(200), desk.charge(400)
    desk.dispute(first, second)

    with nothing_written(), pytest.raises(StatusForbids):
        desk.restore(first, never_disputed)
    desk.restore(first, second)

    assert desk.three_balances() == (700, 0, 0)


def test_a_restored_fee_can_be_paid(desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.dispute(fee)
    desk.restore(fee)

    desk.pay(fee)

    assert state(fee) == ("CLOSED", "paid", 0)
