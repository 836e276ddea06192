"""Waiving, and row B7: a waived lost item replacement fee keeps its remainder and gets a CREDIT of its own."""

import pytest

from amerce.charges.errors import CreditAlreadyUsed, MoreThanOwed, NothingOwed, StatusForbids
from amerce.charges.models import Fee
from amerce.institutions.models import Institution
from amerce.ledger.models import Transfer
from tests.charges.acts import Desk, now, shares, state
from tests.charges.checks import nothing_written

pytestmark = [pytest.mark.django_db, pytest.mark.money]
LOST = "LOSTITEMREPLACEMENTFEE"


def test_a_whole_waiver_closes_the_fee_as_waived(desk: Desk) -> None:
    fee = desk.charge(1000)

    outcome = desk.waive(fee, reason="HARDSHIP", comment="lost the job")

    row = desk.last_transfer("WAIVE")
    assert state(fee) == ("CLOSED", "waived", 0)
    assert (now(fee).original_minor, now(fee).waived_minor, now(fee).paid_minor) == (1000, 1000, 0)
    assert (row.debit, row.credit, row.reason) == ("waived:HARDSHIP", "patron:active", "HARDSHIP")
    assert (row.note.text, row.payment_id, outcome.balance_minor) == ("lost the job", None, 0)


def test_a_part_waived_leaves_the_rest_owed(desk: Desk) -> None:
    fee = desk.charge(1000)

    desk.waive(fee, amount=999)

    assert state(fee) == ("ACTIVE", "", 1)
    assert desk.balance() == 1


def test_each_chosen_fee_is_waived_by_its_own_amount(desk: Desk) -> None:
    first, second, third = desk.charge(1000), desk.charge(500), desk.charge(300)

    outcome = desk.waive_each({second.pk: 200, first.pk: None})

    assert shares(outcome) == [(first.pk, 1000, None), (second.pk, 200, None)]
    assert [now(fee).remaining_minor for fee in (first, second, third)] == [0, 300, 300]


def test_a_waived_and_a_paid_part_settle_a_fee_together(desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.waive(fee, amount=400)

    desk.pay(fee)

    assert state(fee) == ("CLOSED", "paid", 0)
    assert (now(fee).paid_minor, now(fee).waived_minor) == (600, 400)


def test_a_part_waived_while_disputed_leaves_the_rest_disputed(desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.dispute(fee)

    desk.waive(fee, amount=400)

    assert state(fee) == ("INDISPUTE", "", 600)
    assert desk.last_transfer("WAIVE").credit == "patron:disputed"
    assert desk.three_balances() == (0, 600, 0)


def test_a_disputed_fee_waived_whole_is_closed(desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.dispute(fee)

    desk.waive(fee)

    assert state(fee) == ("CLOSED", "waived", 0)
    assert desk.three_balances() == (0, 0, 0)


def test_a_fee_that_grew_above_the_ceiling_can_be_waived_whole(desk: Desk) -> None:
    fee = desk.charge(1000)
    Institution.objects.update(amount_ceiling_minor=900)

    desk.waive(fee)

    assert state(fee) == ("CLOSED", "waived", 0)


def test_a_waived_lost_item_fee_keeps_its_remainder_and_shows_the_waiver_as_a_credit(desk: Desk) -> None:
    lost = desk.charge(9900, LOST, item=desk.library.new_item("Invisible cities", "39007"))

    outcome = desk.waive(lost, amount=2500)

    credit = desk.newest_credit()
    row = desk.last_transfer("WAIVE")
    assert shares(outcome) == [(lost.pk, 2500, credit.pk)]
    assert state(lost) == ("ACTIVE", "", 9900)
    assert state(credit) == ("ACTIVE", "", -2500)
    assert (credit.bound_to_id, credit.owner_id, credit.title) == (lost.pk, lost.owner_id, "Invisible cities")
    assert (row.debit, row.credit) == ("waived:OTHER", "patron:credit")
    assert (now(lost).waived_minor, desk.balance()) == (2500, 7400)


def test_what_can_be_paid_on_a_lost_item_fee_is_its_remainder_less_what_was_waived(desk: Desk) -> None:
    lost = desk.charge(9900, LOST)
    desk.waive(lost, amount=2500)

    with nothing_written(), pytest.raises(MoreThanOwed) as refused:
        desk.pay(lost, amount=7401)
    desk.pay(lost, amount=2700)

    assert refused.value.limit_minor == 7400
    assert (state(lost), desk.balance()) == (("ACTIVE", "", 7200), 4700)
    assert shares(desk.pay(lost)) == [(lost.pk, 4700, None)]
    assert (state(lost), desk.balance()) == (("ACTIVE", "", 2500), 0)


def test_a_lost_item_fee_is_never_waived_beyond_what_is_neither_paid_nor_waived(desk: Desk) -> None:
    lost = desk.charge(9900, LOST)
    desk.waive(lost, amount=2500)
    desk.pay(lost, amount=2700)

    with nothing_written(), pytest.raises(MoreThanOwed) as refused:
        desk.waive(lost, amount=4701)
    desk.waive(lost)

    assert refused.value.limit_minor == 4700
    assert now(lost).waived_minor == 7200


def test_a_lost_item_fee_and_its_credits_stay_active_as_a_net_zero_pair(desk: Desk) -> None:
    lost = desk.charge(9900, LOST)

    desk.waive(lost)

    assert (state(lost), state(desk.newest_credit())) == (("ACTIVE", "", 9900), ("ACTIVE", "", -9900))
    assert desk.balance() == 0


@pytest.mark.parametrize("verb", ["pay", "waive", "dispute", "export"])
def test_nothing_is_owed_on_a_lost_item_fee_that_was_waived_whole(desk: Desk, verb: str) -> None:
    lost = desk.charge(9900, LOST)
    desk.waive(lost)

    with nothing_written(), pytest.raises(NothingOwed):
        getattr(desk, verb)(lost)


def test_pay_all_nets_the_pair_first_and_takes_only_what_is_owed(desk: Desk) -> None:
    older, lost = desk.charge(500, days_ago=3), desk.charge(9900, LOST)
    desk.waive(lost, amount=2500)
    bound = desk.newest_credit()

    outcome = desk.pay()

    assert shares(outcome) == [(lost.pk, 2500, bound.pk), (older.pk, 500, None), (lost.pk, 7400, None)]
    assert state(bound) == ("CLOSED", "credited", 0)
    assert (now(lost).paid_minor, now(lost).waived_minor, state(lost)[0]) == (7400, 2500, "CLOSED")


def test_a_bound_credit_never_pays_another_fee(desk: Desk) -> None:
    lost, other = desk.charge(9900, LOST), desk.charge(500, days_ago=3)
    free = desk.charge(100, "CREDIT")
    desk.waive(lost)
    bound = desk.newest_credit()

    outcome = desk.pay()

    assert shares(outcome) == [(lost.pk, 9900, bound.pk), (other.pk, 100, free.pk), (other.pk, 400, None)]


def test_pay_all_of_a_net_zero_pair_closes_both_without_money(desk: Desk) -> None:
    lost = desk.charge(9900, LOST)
    desk.waive(lost)

    desk.pay(method="")

    assert state(lost) == ("CLOSED", "waived", 0)
    assert now(lost).paid_minor == 0


def test_two_waivers_of_one_lost_item_fee_are_two_credits_that_both_net(desk: Desk) -> None:
    lost = desk.charge(9900, LOST)
    desk.waive(lost, amount=1000)
    desk.waive(lost, amount=2000)

    outcome = desk.pay()

    assert [amount for _, amount, _ in shares(outcome)] == [1000, 2000, 6900]


def test_a_dispute_nets_first_and_disputes_the_rest(desk: Desk) -> None:
    lost = desk.charge(9900, LOST)
    desk.waive(lost, amount=2500)
    bound = desk.newest_credit()

    outcome = desk.dispute(lost)

    assert shares(outcome) == [(lost.pk, 2500, bound.pk), (lost.pk, 7400, None)]
    assert state(lost) == ("INDISPUTE", "", 7400)
    assert desk.three_balances() == (0, 7400, 0)


def test_an_export_nets_first_and_exports_the_rest(desk: Desk) -> None:
    lost = desk.charge(9900, LOST)
    desk.waive(lost, amount=2500)

    desk.export(lost)

    assert state(lost) == ("CLOSED", "exported", 0)
    assert desk.last_transfer("EXPORT").amount_minor == 7400
    assert desk.balance() == 0


def test_a_waiver_of_a_disputed_lost_item_fee_lowers_its_remainder_and_makes_no_credit(desk: Desk) -> None:
    lost = desk.charge(9900, LOST)
    desk.dispute(lost)

    desk.waive(lost, amount=2500)

    assert state(lost) == ("INDISPUTE", "", 7400)
    assert not Fee.objects.filter(type__code="CREDIT").exists()
    assert desk.three_balances() == (0, 7400, 0)


def test_the_vat_of_a_lost_item_fee_is_counted_when_it_is_waived_not_again_when_it_nets(desk: Desk) -> None:
    desk.vat_rate(LOST, 1000)
    lost = desk.charge(1000, LOST)
    desk.waive(lost, amount=333)
    desk.pay()

    assert list(Transfer.objects.order_by("seq").values_list("kind", "amount_minor", "vat_minor")) == [
        ("CHARGE", 1000, 91),
        ("WAIVE", 333, 30),
        ("PAYMENT", 333, 0),
        ("PAYMENT", 667, 61),
    ]


def test_a_waiver_of_a_lost_item_fee_is_taken_back_with_its_credit(desk: Desk) -> None:
    lost = desk.charge(9900, LOST)
    desk.waive(lost, amount=2500)

    desk.correct(desk.last_transfer("WAIVE"))

    assert state(lost) == ("ACTIVE", "", 9900)
    assert state(desk.newest_credit()) == ("CLOSED", "corrected", 0)
    assert (now(lost).waived_minor, desk.balance()) == (0, 9900)


def test_the_netting_is_taken_back_before_the_waiver(desk: Desk) -> None:
    lost = desk.charge(9900, LOST)
    desk.waive(lost, amount=2500)
    waiver = desk.last_transfer("WAIVE")
    netting = desk.pay(amount=100)

    with nothing_written(), pytest.raises(CreditAlreadyUsed) as refused:
        desk.correct(waiver)
    desk.correct_all_of(netting)

    assert refused.value.unused_minor == 0
    assert (state(lost), state(desk.newest_credit())) == (("ACTIVE", "", 9900), ("ACTIVE", "", -2500))
    desk.correct(waiver)
    assert (state(lost), desk.balance()) == (("ACTIVE", "", 9900), 9900)


def test_the_netting_of_a_dispute_is_not_taken_back_alone_while_the_fee_is_disputed(desk: Desk) -> None:
    lost = desk.charge(9900, LOST)
    desk.waive(lost, amount=2500)
    waiver = desk.last_transfer("WAIVE")
    desk.dispute(lost)
    netting = desk.last_transfer("PAYMENT")

    with nothing_written(), pytest.raises(StatusForbids):
        desk.correct(netting)
    desk.correct(netting, waiver)

    assert state(lost) == ("INDISPUTE", "", 9900)
    assert desk.three_balances() == (0, 9900, 0)
