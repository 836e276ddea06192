"""Many patrons' fees handed over at once: what moves is what the command for one moves."""

import pytest

from amerce.access.can import NotAllowed
from amerce.charges.errors import FeeAtBursar, StatusForbids
from amerce.charges.export_fees import export_fees
from amerce.ledger.verify import verify
from tests.charges.acts import Desk, now, state
from tests.charges.checks import nothing_written
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def _second(library: Library) -> Desk:
    second = Desk(library)
    second.patron = library.new_patron("asmith", first_name="Ann", last_name="Smith")
    return second


def test_the_fees_of_two_patrons_are_transferred_each_with_its_own_event(desk: Desk) -> None:
    other = _second(desk.library)
    mine, theirs = desk.charge(1000), other.charge(250)

    done = desk.export_set(mine, theirs, awaits_payment=True)

    assert {pk: each.amount_minor for pk, each in done.handed_over.items()} == {mine.pk: 1000, theirs.pk: 250}
    assert (state(mine), state(theirs)) == (("EXPORTED", "", 0), ("EXPORTED", "", 0))
    assert (desk.three_balances(), other.three_balances()) == ((0, 0, 1000), (0, 0, 250))
    assert done.handed_over[mine.pk].transfer_id == desk.last_transfer("EXPORTED_AND_PAID").pk
    assert done.handed_over[theirs.pk].transfer_id == other.last_transfer("EXPORTED_AND_PAID").pk


def test_what_cannot_be_exported_any_more_drops_out_with_its_status(desk: Desk) -> None:
    paid, disputed, unwanted, kept = (desk.charge(each) for each in (100, 200, 300, 400))
    desk.pay(paid)
    desk.dispute(disputed)

    done = desk.export_set(
        paid, disputed, unwanted, kept, is_wanted=lambda amounts: lambda fee_id: amounts[fee_id] >= 400
    )

    assert list(done.handed_over) == [kept.pk]
    assert done.dropped == {paid.pk: "CLOSED", disputed.pk: "INDISPUTE", unwanted.pk: "ACTIVE"}
    assert state(kept) == ("CLOSED", "exported", 0)
    assert desk.three_balances() == (300, 200, 0)


def test_a_bound_credit_is_netted_first_and_never_goes_out_itself(desk: Desk) -> None:
    lost = desk.charge(9900, "LOSTITEMREPLACEMENTFEE")
    desk.waive(lost, amount=2500)
    bound = desk.newest_credit()

    done = desk.export_set(lost, bound, awaits_payment=True)

    assert {pk: each.amount_minor for pk, each in done.handed_over.items()} == {lost.pk: 7400}
    assert (state(bound), now(lost).transferred_minor) == (("CLOSED", "credited", 0), 7400)
    assert list(done.dropped) == [bound.pk]


@pytest.mark.parametrize(
    ("awaits_payment", "credit_state", "balances"),
    [(False, ("CLOSED", "exported", 0), (0, 0, 0)), (True, ("EXPORTED", "", 0), (0, 0, 700))],
)
def test_a_credit_goes_out_as_a_negative_sum(
    desk: Desk, awaits_payment: bool, credit_state: tuple[str, str, int], balances: tuple[int, int, int]
) -> None:
    fee, credit = desk.charge(1000), desk.charge(300, "CREDIT")

    done = desk.export_set(fee, credit, awaits_payment=awaits_payment)

    assert {pk: each.amount_minor for pk, each in done.handed_over.items()} == {fee.pk: 1000, credit.pk: -300}
    assert (state(credit), desk.three_balances()) == (credit_state, balances)
    assert verify().findings == []


def test_an_undelivered_export_is_taken_back_and_the_fees_are_owed_again(desk: Desk) -> None:
    fee, credit = desk.charge(1000), desk.charge(300, "CREDIT")
    for awaits_payment in (False, True):
        done = desk.export_set(fee, credit, awaits_payment=awaits_payment)

        taken = desk.take_back_exports(done)

        assert set(taken) == {each.transfer_id for each in done.handed_over.values()}
        assert (state(fee), state(credit)) == (("ACTIVE", "", 1000), ("ACTIVE", "", -300))
        assert desk.three_balances() == (700, 0, 0)
        with nothing_written():
            assert desk.take_back_exports(done) == {}
    assert verify().findings == []
    desk.pay()
    assert desk.balance() == 0


def test_what_was_paid_at_the_bursar_is_not_taken_back(desk: Desk) -> None:
    fee = desk.charge(1000)
    done = desk.export_set(fee, awaits_payment=True)
    desk.settle((fee, 400))

    with nothing_written():
        assert desk.take_back_exports(done) == {}


def test_vat_goes_out_with_the_fee_and_comes_back_with_it(desk: Desk) -> None:
    desk.vat_rate("OTHER", 1000)
    fee = desk.charge(1000)
    desk.pay(fee, amount=400)

    done = desk.export_set(fee, awaits_payment=True)
    assert desk.last_transfer("EXPORTED_AND_PAID").vat_minor == 55
    desk.take_back_exports(done)

    assert desk.last_transfer("CORRECTION").vat_minor == 55
    assert verify().findings == []


@pytest.mark.parametrize("effect", ["credit", "settle"])
def test_nothing_happens_at_the_desk_to_a_fee_that_was_paid_at_the_bursar(desk: Desk, effect: str) -> None:
    fee = desk.charge(1000)
    desk.pay(fee, amount=100)
    payment = desk.last_transfer("PAYMENT")
    desk.export_set(fee, awaits_payment=True)
    desk.settle((fee, 900), effect=effect)

    with nothing_written():
        for verb in (desk.pay, desk.waive, desk.dispute, desk.export):
            with pytest.raises(StatusForbids):
                verb(fee)
        with pytest.raises((FeeAtBursar, StatusForbids)):
            desk.refund(fee, 100)
        with pytest.raises((FeeAtBursar, StatusForbids)):
            desk.correct(payment)


def test_who_may_not_export_exports_nothing(desk: Desk) -> None:
    fee = desk.charge(1000)

    with nothing_written(), pytest.raises(NotAllowed):
        export_fees(
            actor=desk.manager,
            at=NOON,
            institution=desk.library.institution,
            fees=[(fee.patron_id, fee.pk)],
            awaits_payment=True,
            is_wanted=lambda amounts: lambda fee_id: True,
        )
