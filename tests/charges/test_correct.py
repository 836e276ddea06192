import pytest

from amerce.charges.errors import (
    AlreadyCorrected,
    ChargeAlreadySettled,
    CreditAlreadyUsed,
    FeeAtBursar,
    NotCorrectable,
    PaymentAlreadyRefunded,
    StatusForbids,
)
from amerce.ledger.models import Transfer
from tests.charges.acts import Desk, now, shares, state
from tests.charges.checks import nothing_written
from tests.world import Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_a_corrected_payment_is_owed_again_and_the_correction_names_it(desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.pay(fee, method="CREDIT_CARD", external_transaction_id="T-1")
    payment = desk.last_transfer("PAYMENT")

    outcome = desk.correct(payment, comment="wrong patron")

    row = desk.last_transfer("CORRECTION")
    assert state(fee) == ("ACTIVE", "", 1000)
    assert now(fee).paid_minor == 0
    assert (row.corrects_id, row.debit, row.credit, row.amount_minor) == (
        payment.pk,
        "patron:active",
        "method:CREDIT_CARD",
        1000,
    )
    assert (row.method, row.external_transaction_id, row.note.text) == ("CREDIT_CARD", "T-1", "wrong patron")
    assert (outcome.balance_minor, outcome.payment_id) == (1000, 10002)


def test_a_payment_of_several_lines_is_taken_back_whole(desk: Desk) -> None:
    old, young, credit = desk.charge(500, days_ago=2), desk.charge(500), desk.charge(300, "CREDIT")
    payment = desk.pay()

    outcome = desk.correct_all_of(payment)

    assert shares(outcome) == [(young.pk, 500, None), (old.pk, 200, None), (old.pk, 300, credit.pk)]
    assert [state(each) for each in (old, young, credit)] == [
        ("ACTIVE", "", 500),
        ("ACTIVE", "", 500),
        ("ACTIVE", "", -300),
    ]
    assert desk.balance() == 700


def test_one_line_of_a_payment_can_be_taken_back_alone(desk: Desk) -> None:
    first, second = desk.charge(500), desk.charge(500)
    desk.pay()

    desk.correct(Transfer.objects.get(kind="PAYMENT", fee=first))

    assert (state(first), state(second)) == (("ACTIVE", "", 500), ("CLOSED", "paid", 0))


def test_nothing_is_corrected_twice(desk: Desk) -> None:
    desk.pay(desk.charge(1000))
    payment = desk.last_transfer("PAYMENT")
    desk.correct(payment)

    with nothing_written(), pytest.raises(AlreadyCorrected) as refused:
        desk.correct(payment)

    assert refused.value.transfer_id == payment.pk


def test_a_correction_is_not_corrected(desk: Desk) -> None:
    desk.pay(desk.charge(1000))
    desk.correct(desk.last_transfer("PAYMENT"))

    with nothing_written(), pytest.raises(NotCorrectable) as refused:
        desk.correct(desk.last_transfer("CORRECTION"))

    assert refused.value.kind == "CORRECTION"


@pytest.mark.parametrize("kind", ["DISPUTE", "RESTORE", "EXPORT", "EXPORTED_AND_PAID"])
def test_what_has_its_own_way_back_is_not_corrected(desk: Desk, kind: str) -> None:
    first, second = desk.charge(1000), desk.charge(1000)
    desk.dispute(first)
    desk.restore(first)
    desk.export(first)
    desk.export(second, awaits_payment=True)

    with nothing_written(), pytest.raises(NotCorrectable):
        desk.correct(desk.last_transfer(kind))


def test_one_that_cannot_be_corrected_refuses_them_all(desk: Desk) -> None:
    desk.pay(desk.charge(1000))
    payment = desk.last_transfer("PAYMENT")
    desk.dispute(desk.charge(500))

    with nothing_written(), pytest.raises(NotCorrectable):
        desk.correct(payment, desk.last_transfer("DISPUTE"))


def test_a_corrected_waiver_is_owed_again(desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.waive(fee, reason="HARDSHIP")

    desk.correct(desk.last_transfer("WAIVE"))

    row = desk.last_transfer("CORRECTION")
    assert (state(fee), now(fee).waived_minor) == (("ACTIVE", "", 1000), 0)
    assert (row.debit, row.credit, row.reason) == ("patron:active", "waived:HARDSHIP", "HARDSHIP")


def test_a_corrected_charge_closes_as_corrected_and_keeps_its_original_amount(desk: Desk) -> None:
    fee = desk.charge(1000)

    desk.correct(desk.last_transfer("CHARGE"))

    row = desk.last_transfer("CORRECTION")
    assert (state(fee), now(fee).original_minor) == (("CLOSED", "corrected", 0), 1000)
    assert (row.debit, row.credit) == ("income:OTHER", "patron:active")
    assert desk.balance() == 0


@pytest.mark.parametrize("verb", ["pay", "waive"])
def test_a_charge_that_was_settled_in_part_is_not_taken_back(desk: Desk, verb: str) -> None:
    fee = desk.charge(1000)
    getattr(desk, verb)(fee, amount=1)

    with nothing_written(), pytest.raises(ChargeAlreadySettled):
        desk.correct(desk.last_transfer("CHARGE"))


def test_the_charge_of_a_lost_item_fee_that_was_waived_is_not_taken_back_under_its_credit(desk: Desk) -> None:
    lost = desk.charge(9900, "LOSTITEMREPLACEMENTFEE")
    charge = desk.last_transfer("CHARGE")
    desk.waive(lost, amount=2500)

    with nothing_written(), pytest.raises(ChargeAlreadySettled):
        desk.correct(charge)
    desk.correct(charge, desk.last_transfer("WAIVE"))

    assert (state(lost), desk.balance()) == (("CLOSED", "corrected", 0), 0)


def test_charge_and_payment_named_together_are_taken_back_newest_first(desk: Desk) -> None:
    fee = desk.charge(1000)
    charge = desk.last_transfer("CHARGE")
    desk.pay(fee)

    outcome = desk.correct(charge, desk.last_transfer("PAYMENT"))

    assert [(line.before_minor, line.after_minor) for line in outcome.lines] == [(0, 1000), (1000, 0)]
    assert state(fee) == ("CLOSED", "corrected", 0)


def test_an_unused_credit_is_taken_back(desk: Desk) -> None:
    credit = desk.charge(300, "CREDIT")

    desk.correct(desk.last_transfer("CREDIT"))

    assert (state(credit), now(credit).original_minor, desk.balance()) == (("CLOSED", "corrected", 0), -300, 0)


def test_a_credit_that_was_spent_is_not_taken_back_before_its_payment(desk: Desk) -> None:
    credit = desk.charge(300, "CREDIT")
    grant = desk.last_transfer("CREDIT")
    desk.charge(100)
    payment = desk.pay()

    with nothing_written(), pytest.raises(CreditAlreadyUsed) as refused:
        desk.correct(grant)
    desk.correct_all_of(payment)
    desk.correct(grant)

    assert (refused.value.fee_id, refused.value.unused_minor) == (credit.pk, 200)
    assert desk.balance() == 100


def test_a_kept_excess_that_was_spent_is_not_taken_back() -> None:
    desk = Desk(Library.new("KEEPS", overpayment="credit"))
    over = desk.pay(desk.charge(100), amount=500)
    desk.charge(300)
    desk.pay()

    with nothing_written(), pytest.raises(CreditAlreadyUsed):
        desk.correct_all_of(over)


def test_a_payment_is_taken_back_whole_with_its_excess() -> None:
    desk = Desk(Library.new("KEEPS", overpayment="credit"))
    fee = desk.charge(100)
    over = desk.pay(fee, amount=500)

    desk.correct_all_of(over)

    assert (state(fee), state(desk.newest_credit())) == (("ACTIVE", "", 100), ("CLOSED", "corrected", 0))


def test_a_payment_that_was_refunded_is_not_taken_back_before_the_refund(desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.pay(fee)
    payment = desk.last_transfer("PAYMENT")
    desk.refund(fee, 1)

    with nothing_written(), pytest.raises(PaymentAlreadyRefunded):
        desk.correct(payment)
    desk.correct(payment, desk.last_transfer("REFUND"))

    assert (state(fee), now(fee).refunded_minor) == (("ACTIVE", "", 1000), 0)


def test_a_corrected_refund_leaves_the_fee_as_it_was_settled(desk: Desk) -> None:
    desk.vat_rate("OTHER", 1000)
    fee = desk.charge(1000)
    desk.pay(fee)
    desk.refund(fee, 400)

    desk.correct(desk.last_transfer("REFUND"))

    row = desk.last_transfer("CORRECTION")
    assert (state(fee), now(fee).refunded_minor) == (("CLOSED", "paid", 0), 0)
    assert (row.debit, row.credit, row.amount_minor, row.vat_minor) == ("refunded:CASH", "income:OTHER", 400, 36)


def test_a_corrected_refund_as_credit_takes_the_credit_back(desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.pay(fee)
    desk.refund(fee, 400, method="")

    desk.correct(desk.last_transfer("REFUND"))

    assert (state(fee), state(desk.newest_credit())) == (("CLOSED", "paid", 0), ("CLOSED", "corrected", 0))
    assert desk.balance() == 0


def test_a_corrected_payout_of_a_credit_gives_the_credit_back(desk: Desk) -> None:
    credit = desk.charge(700, "CREDIT")
    desk.refund(credit, 700)

    desk.correct(desk.last_transfer("REFUND"))

    assert (state(credit), now(credit).refunded_minor) == (("ACTIVE", "", -700), 0)


def test_a_payment_of_a_fee_that_is_disputed_now_is_taken_back_into_the_dispute(desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.pay(fee, amount=400)
    payment = desk.last_transfer("PAYMENT")
    desk.dispute(fee)

    desk.correct(payment)

    assert (state(fee), desk.three_balances()) == (("INDISPUTE", "", 1000), (0, 1000, 0))
    assert desk.last_transfer("CORRECTION").debit == "patron:disputed"


def test_a_waiver_that_closed_a_disputed_fee_is_taken_back_into_the_dispute(desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.dispute(fee)
    desk.waive(fee)
    assert (state(fee), desk.three_balances()) == (("CLOSED", "waived", 0), (0, 0, 0))

    desk.correct(desk.last_transfer("WAIVE"))

    assert (state(fee), desk.three_balances()) == (("INDISPUTE", "", 1000), (0, 1000, 0))
    assert desk.last_transfer("CORRECTION").debit == "patron:disputed"
    desk.restore(fee)
    assert (state(fee), desk.balance()) == (("ACTIVE", "", 1000), 1000)


@pytest.mark.parametrize("kinds", [["PAYMENT", "WAIVE"], ["WAIVE", "PAYMENT"]], ids=" ".join)
def test_a_fee_that_was_closed_in_dispute_opens_in_it_whatever_is_taken_back_first(
    desk: Desk, kinds: list[str]
) -> None:
    fee = desk.charge(1000)
    desk.pay(fee, amount=400)
    desk.dispute(fee)
    desk.waive(fee)

    for kind in kinds:
        desk.correct(desk.last_transfer(kind))
        assert now(fee).status == "INDISPUTE"

    assert desk.three_balances() == (0, 1000, 0)


def test_a_waiver_in_a_dispute_that_was_restored_before_the_fee_closed_is_owed_again(desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.dispute(fee)
    desk.waive(fee, amount=400)
    desk.restore(fee)
    desk.pay(fee)

    desk.correct(desk.last_transfer("WAIVE"))

    assert (state(fee), desk.three_balances()) == (("ACTIVE", "", 400), (400, 0, 0))


def test_a_credit_is_not_given_back_beside_a_fee_that_would_open_in_dispute(desk: Desk) -> None:
    lost = desk.charge(1000, "LOSTITEMREPLACEMENTFEE")
    desk.waive(lost, amount=400)
    desk.dispute(lost)
    used = desk.last_transfer("PAYMENT")
    desk.waive(lost)

    with nothing_written(), pytest.raises(StatusForbids):
        desk.correct(used)


def test_a_charge_of_a_fee_that_is_disputed_now_is_taken_back_from_the_dispute(desk: Desk) -> None:
    fee = desk.charge(1000)
    charge = desk.last_transfer("CHARGE")
    desk.dispute(fee)

    desk.correct(charge)

    assert (state(fee), desk.three_balances()) == (("CLOSED", "corrected", 0), (0, 0, 0))


def test_what_happened_before_an_export_is_not_taken_back_after_it(desk: Desk) -> None:
    for_good, awaiting = desk.charge(1000), desk.charge(1000)
    desk.pay(for_good, amount=400)
    before_good = desk.last_transfer("PAYMENT")
    desk.pay(awaiting, amount=400)
    before_awaiting = desk.last_transfer("PAYMENT")
    desk.export(for_good)
    desk.export(awaiting, awaits_payment=True)

    with nothing_written(), pytest.raises(FeeAtBursar):
        desk.correct(before_good)
    with nothing_written(), pytest.raises(StatusForbids):
        desk.correct(before_awaiting)


def test_a_corrected_part_of_an_accruing_fee_is_not_charged_again(desk: Desk) -> None:
    loan = desk.new_loan()
    desk.accrue(loan, 500)
    desk.correct(desk.last_transfer("CHARGE"))

    desk.accrue(loan, 700)

    assert desk.balance() == 200
