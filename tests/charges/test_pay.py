import pytest

from amerce.charges.errors import MoreThanOwed, NothingOwed
from amerce.ledger.models import Transfer
from amerce.money.vat import vat_in
from tests.charges.acts import Desk, now, shares, state
from tests.charges.checks import nothing_written
from tests.world import Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_a_payment_of_everything_closes_the_fee_as_paid(desk: Desk) -> None:
    fee = desk.charge(1000)

    outcome = desk.pay(fee)

    assert state(fee) == ("CLOSED", "paid", 0)
    assert now(fee).paid_minor == 1000
    assert (outcome.amount_minor, outcome.balance_minor, outcome.payment_id) == (1000, 0, 10001)


def test_a_payment_keeps_who_where_how_and_why(desk: Desk) -> None:
    fee = desk.charge(1000)

    desk.pay(fee, amount=400, method="CREDIT_CARD", external_transaction_id=" T-1 ", comment="by card")

    row = desk.last_transfer("PAYMENT")
    assert (row.debit, row.credit, row.amount_minor) == ("method:CREDIT_CARD", "patron:active", 400)
    assert (row.actor_name, row.library_id, row.desk_id) == (
        "main-circulation_desk_manager",
        desk.library.library.pk,
        desk.library.desk.pk,
    )
    assert (row.method, row.external_transaction_id, row.note.text) == ("CREDIT_CARD", "T-1", "by card")
    assert (row.at, row.currency_code, row.payment_id) == (desk.at, "USD", 10001)


def test_a_part_leaves_the_rest_open(desk: Desk) -> None:
    fee = desk.charge(1000)

    outcome = desk.pay(fee, amount=1)

    assert state(fee) == ("ACTIVE", "", 999)
    assert (outcome.lines[0].before_minor, outcome.lines[0].after_minor) == (1000, 999)
    assert desk.balance() == 999


def test_ten_at_ten_percent_holds_ninety_one_cents_of_vat(desk: Desk) -> None:
    desk.vat_rate("OTHER", 1000)
    fee = desk.charge(1000)

    desk.pay(fee)

    row = desk.last_transfer("PAYMENT")
    assert (row.amount_minor - row.vat_minor, row.vat_minor) == (909, 91)


def test_the_vat_of_three_payments_sums_to_the_vat_of_the_whole(desk: Desk) -> None:
    desk.vat_rate("OTHER", 1000)
    fee = desk.charge(1000)

    for part in (333, 333, 334):
        desk.pay(fee, amount=part)

    assert list(Transfer.objects.filter(kind="PAYMENT").order_by("seq").values_list("vat_minor", flat=True)) == [
        30,
        31,
        30,
    ]


def test_the_vat_still_sums_when_waivers_corrections_and_refunds_come_between(desk: Desk) -> None:
    desk.vat_rate("OTHER", 1000)
    fee = desk.charge(1000)
    desk.pay(fee, amount=333)
    first = desk.last_transfer("PAYMENT")
    desk.waive(fee, amount=333)
    desk.correct(first)
    desk.pay(fee, amount=300)
    desk.refund(fee, 100)
    desk.pay(fee)

    def vat(**of: object) -> int:
        return sum(Transfer.objects.filter(**of).values_list("vat_minor", flat=True))

    assert vat(kind="CHARGE") == 91
    assert vat(kind="PAYMENT") + vat(kind="WAIVE") - vat(kind="CORRECTION") == 91
    assert vat(kind="REFUND") == vat_in(100, 1000) == 9


def test_the_rate_of_the_day_of_the_charge_stays_on_the_fee(desk: Desk) -> None:
    desk.vat_rate("OTHER", 1000)
    fee = desk.charge(1000)
    desk.vat_rate("OTHER", 2000)

    desk.pay(fee)

    assert desk.last_transfer("PAYMENT").vat_minor == 91


def test_the_oldest_fee_is_paid_first_by_creation_time_not_by_id(desk: Desk) -> None:
    newest, oldest, middle = desk.charge(500), desk.charge(500, days_ago=9), desk.charge(500, days_ago=5)

    outcome = desk.pay(amount=700)

    assert shares(outcome) == [(oldest.pk, 500, None), (middle.pk, 200, None)]
    assert now(newest).remaining_minor == 500


def test_fees_of_one_moment_are_paid_in_the_order_they_were_written(desk: Desk) -> None:
    first, second = desk.charge(500), desk.charge(500)

    assert shares(desk.pay(amount=600)) == [(first.pk, 500, None), (second.pk, 100, None)]


def test_chosen_fees_are_paid_oldest_first_whatever_the_order_of_choosing(desk: Desk) -> None:
    young, old, unchosen = desk.charge(500), desk.charge(500, days_ago=3), desk.charge(500, days_ago=8)

    outcome = desk.pay(young, old, amount=600)

    assert shares(outcome) == [(old.pk, 500, None), (young.pk, 100, None)]
    assert now(unchosen).remaining_minor == 500


def test_a_fee_chosen_twice_is_paid_once(desk: Desk) -> None:
    fee = desk.charge(500)

    assert shares(desk.pay(fee, fee)) == [(fee.pk, 500, None)]


def test_pay_all_uses_credits_first_also_for_a_partial_amount(desk: Desk) -> None:
    fee, credit = desk.charge(1000), desk.charge(300, "CREDIT")

    outcome = desk.pay(amount=200)

    assert shares(outcome) == [(fee.pk, 300, credit.pk), (fee.pk, 200, None)]
    assert state(fee) == ("ACTIVE", "", 500)
    assert state(credit) == ("CLOSED", "credited", 0)
    assert (outcome.balance_minor, now(fee).paid_minor) == (500, 500)


def test_pay_all_uses_the_oldest_credit_first_and_keeps_what_is_left_of_it(desk: Desk) -> None:
    young, old = desk.charge(300, "CREDIT"), desk.charge(300, "CREDIT", days_ago=2)
    fee = desk.charge(400)

    outcome = desk.pay()

    assert shares(outcome) == [(fee.pk, 300, old.pk), (fee.pk, 100, young.pk)]
    assert state(young) == ("ACTIVE", "", -200)
    assert outcome.balance_minor == -200


def test_all_with_a_net_of_zero_applies_credits_and_takes_nothing(desk: Desk) -> None:
    fee, credit = desk.charge(300), desk.charge(300, "CREDIT")

    outcome = desk.pay(method="")

    assert shares(outcome) == [(fee.pk, 300, credit.pk)]
    assert not Transfer.objects.filter(debit__startswith="method:").exists()
    assert (state(fee), state(credit)) == (("CLOSED", "paid", 0), ("CLOSED", "credited", 0))


def test_all_with_a_net_below_zero_applies_credits_and_takes_nothing(desk: Desk) -> None:
    fee, credit = desk.charge(300), desk.charge(1000, "CREDIT")

    outcome = desk.pay()

    assert shares(outcome) == [(fee.pk, 300, credit.pk)]
    assert outcome.balance_minor == -700


def test_money_for_a_net_of_zero_is_refused(desk: Desk) -> None:
    desk.charge(300)
    desk.charge(300, "CREDIT")

    with nothing_written(), pytest.raises(MoreThanOwed) as refused:
        desk.pay(amount=1)

    assert refused.value.limit_minor == 0


def test_paying_one_fee_uses_no_credits(desk: Desk) -> None:
    fee, credit = desk.charge(500), desk.charge(300, "CREDIT")

    outcome = desk.pay(fee)

    assert shares(outcome) == [(fee.pk, 500, None)]
    assert state(credit) == ("ACTIVE", "", -300)


def test_pay_all_leaves_disputed_and_transferred_fees_alone(desk: Desk) -> None:
    disputed, exported, open_fee = desk.charge(100), desk.charge(200), desk.charge(400)
    desk.dispute(disputed)
    desk.export(exported, awaits_payment=True)

    outcome = desk.pay()

    assert shares(outcome) == [(open_fee.pk, 400, None)]
    assert desk.three_balances() == (0, 100, 200)


def test_nothing_owed_is_said(desk: Desk) -> None:
    desk.pay(desk.charge(100))

    with nothing_written(), pytest.raises(NothingOwed):
        desk.pay()


def test_a_patron_who_only_has_credit_has_nothing_to_pay(desk: Desk) -> None:
    desk.charge(100, "CREDIT")

    with nothing_written(), pytest.raises(NothingOwed):
        desk.pay()


def test_more_than_is_owed_is_refused_by_default(desk: Desk) -> None:
    fee = desk.charge(1000)

    with nothing_written(), pytest.raises(MoreThanOwed) as refused:
        desk.pay(fee, amount=1001)

    assert (refused.value.amount_minor, refused.value.limit_minor) == (1001, 1000)


def test_more_than_is_owed_is_kept_as_credit_where_the_institution_says_so() -> None:
    desk = Desk(Library.new("KEEPS", overpayment="credit"))
    fee = desk.charge(1000)

    outcome = desk.pay(fee, amount=1500)

    credit = desk.newest_credit()
    assert shares(outcome) == [(fee.pk, 1000, None), (credit.pk, 500, credit.pk)]
    assert (state(fee), state(credit)) == (("CLOSED", "paid", 0), ("ACTIVE", "", -500))
    assert desk.balance() == -500


def test_a_kept_excess_pays_the_next_fee_of_a_pay_all() -> None:
    desk = Desk(Library.new("KEEPS", overpayment="credit"))
    desk.pay(amount=500)
    credit, fee = desk.newest_credit(), desk.charge(400)

    assert shares(desk.pay()) == [(fee.pk, 400, credit.pk)]
    assert desk.balance() == -100


@pytest.mark.parametrize(("currency_code", "ten", "vat"), [("JPY", 10, 1), ("KWD", 10_000, 909), ("EUR", 1000, 91)])
def test_currencies_with_no_and_with_three_decimals_are_paid_to_the_last_unit(
    currency_code: str, ten: int, vat: int
) -> None:
    desk = Desk(Library.new(currency_code, currency_code))
    desk.vat_rate("OTHER", 1000)
    fee = desk.charge(ten)

    for part in (ten // 3, ten // 3, ten - 2 * (ten // 3)):
        desk.pay(fee, amount=part)

    rows = Transfer.objects.filter(kind="PAYMENT")
    assert sum(rows.values_list("vat_minor", flat=True)) == vat
    assert set(rows.values_list("currency_code", flat=True)) == {currency_code}
    assert state(fee) == ("CLOSED", "paid", 0)


def test_every_line_of_one_payment_has_the_same_receipt_number_and_the_next_payment_the_next(desk: Desk) -> None:
    desk.charge(100)
    desk.charge(100)

    first, second = desk.pay(amount=150), desk.pay()

    assert (first.payment_id, second.payment_id) == (10001, 10002)
    assert Transfer.objects.filter(payment_id=10001).count() == 2
