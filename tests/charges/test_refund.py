import pytest

from amerce.charges.errors import CreditForbids, FeeAtBursar, MoreThanPaid, StatusForbids
from tests.charges.acts import Desk, now, shares, state
from tests.charges.checks import nothing_written

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_a_refund_in_cash_gives_up_the_income_and_leaves_the_fee_settled(desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.pay(fee)

    outcome = desk.refund(fee, 400, comment="locker was broken")

    row = desk.last_transfer("REFUND")
    assert state(fee) == ("CLOSED", "paid", 0)
    assert (now(fee).paid_minor, now(fee).refunded_minor) == (1000, 400)
    assert (row.debit, row.credit, row.amount_minor) == ("income:OTHER", "refunded:CASH", 400)
    assert (outcome.balance_minor, outcome.payment_id, row.note.text) == (0, 10002, "locker was broken")


def test_a_refund_kept_as_credit_lowers_the_balance(desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.pay(fee)

    outcome = desk.refund(fee, 400, method="")

    credit = desk.newest_credit()
    assert shares(outcome) == [(fee.pk, 400, credit.pk)]
    assert (desk.last_transfer("REFUND").debit, desk.last_transfer("REFUND").credit) == (
        "income:OTHER",
        "patron:credit",
    )
    assert (state(credit), credit.bound_to_id, desk.balance()) == (("ACTIVE", "", -400), None, -400)


def test_never_more_than_was_paid_is_refunded(desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.pay(fee, amount=600)
    desk.refund(fee, 400)

    with nothing_written(), pytest.raises(MoreThanPaid) as refused:
        desk.refund(fee, 201)
    desk.refund(fee, 200)

    assert refused.value.limit_minor == 200
    assert state(fee) == ("ACTIVE", "", 400)


def test_what_was_waived_is_not_refunded(desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.waive(fee)

    with nothing_written(), pytest.raises(MoreThanPaid) as refused:
        desk.refund(fee, 1)

    assert refused.value.limit_minor == 0


def test_a_refund_does_not_change_how_the_fee_came_to_an_end(desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.pay(fee, amount=400)
    desk.waive(fee)

    desk.refund(fee, 400)

    assert state(fee) == ("CLOSED", "waived", 0)


def test_the_unused_rest_of_a_credit_is_paid_out(desk: Desk) -> None:
    credit = desk.charge(1000, "CREDIT")
    desk.charge(300)
    desk.pay()

    with nothing_written(), pytest.raises(MoreThanPaid) as refused:
        desk.refund(credit, 701)
    desk.refund(credit, 700)

    row = desk.last_transfer("REFUND")
    assert refused.value.limit_minor == 700
    assert (row.debit, row.credit) == ("patron:credit", "refunded:CASH")
    assert (state(credit), desk.balance()) == (("CLOSED", "paid", 0), 0)


def test_a_credit_is_not_refunded_as_a_credit(desk: Desk) -> None:
    credit = desk.charge(1000, "CREDIT")

    with nothing_written(), pytest.raises(CreditForbids):
        desk.refund(credit, 100, method="")


def test_a_bound_credit_was_never_paid_and_is_not_given_out(desk: Desk) -> None:
    lost = desk.charge(9900, "LOSTITEMREPLACEMENTFEE")
    desk.waive(lost)

    with nothing_written(), pytest.raises(CreditForbids):
        desk.refund(desk.newest_credit(), 1)


def test_what_a_bound_credit_settled_is_not_refunded(desk: Desk) -> None:
    lost = desk.charge(9900, "LOSTITEMREPLACEMENTFEE")
    desk.waive(lost, amount=2500)
    desk.pay()

    with nothing_written(), pytest.raises(MoreThanPaid) as refused:
        desk.refund(lost, 7401)
    desk.refund(lost, 7400)

    assert refused.value.limit_minor == 7400


def test_the_paid_part_of_a_disputed_fee_is_refunded_without_ending_the_dispute(desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.pay(fee, amount=400)
    desk.dispute(fee)

    desk.refund(fee, 400)

    assert state(fee) == ("INDISPUTE", "", 600)


def test_an_exported_fee_is_refunded_at_the_bursar(desk: Desk) -> None:
    for_good, awaiting = desk.charge(1000), desk.charge(1000)
    desk.pay(for_good, amount=400)
    desk.pay(awaiting, amount=400)
    desk.export(for_good)
    desk.export(awaiting, awaits_payment=True)

    with nothing_written(), pytest.raises(FeeAtBursar):
        desk.refund(for_good, 100)
    with nothing_written(), pytest.raises(StatusForbids):
        desk.refund(awaiting, 100)


def test_refunds_in_parts_hold_the_vat_of_the_whole(desk: Desk) -> None:
    desk.vat_rate("OTHER", 1000)
    fee = desk.charge(1000)
    desk.pay(fee)

    vats = []
    for part in (333, 333, 334):
        desk.refund(fee, part)
        vats.append(desk.last_transfer("REFUND").vat_minor)

    assert vats == [30, 31, 30]
