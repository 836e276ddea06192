"""What was paid at the bursar, as ``seeds/bursar-behaviour.txt`` says it (row D5)."""

import pytest

from amerce.access.can import NotAllowed
from amerce.charges.models import Fee
from amerce.charges.settle import BursarPayment, Effect, Settled, settle
from amerce.ledger.verify import verify
from tests.charges.acts import Desk, now, state
from tests.charges.checks import nothing_written
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def _exported(desk: Desk, amount_minor: int = 1000) -> Fee:
    fee = desk.charge(amount_minor)
    desk.export_set(fee, awaits_payment=True)
    return fee


def test_a_paid_fee_stays_transferred_and_a_credit_shows_the_payment(desk: Desk) -> None:
    fee = _exported(desk)

    (done,) = desk.settle((fee, 1000))

    credit, row = desk.newest_credit(), desk.last_transfer("PAYMENT_RECEIVED")
    assert done == Settled(applied_minor=1000, excess_minor=0, transfer_id=row.pk)
    assert (state(fee), now(fee).transferred_minor) == (("EXPORTED", "paid", 0), 0)
    assert (state(credit), credit.original_minor, credit.transferred_minor) == (("EXPORTED", "paid", 0), -1000, 0)
    assert credit.note and credit.note.text == "Bursar"
    assert (row.debit, row.credit, row.amount_minor, row.vat_minor) == ("bursar", "patron:transferred", 1000, 0)
    assert desk.three_balances() == (0, 0, 0)
    assert verify().findings == []


def test_the_credit_that_shows_a_payment_pays_nothing(desk: Desk) -> None:
    desk.settle((_exported(desk), 1000))
    later = desk.charge(500)

    desk.pay(amount=200)

    assert (state(later), desk.balance()) == (("ACTIVE", "", 300), 300)


def test_with_the_other_effect_a_paid_fee_is_closed(desk: Desk) -> None:
    fee = _exported(desk)

    desk.settle((fee, 1000), effect="settle")

    assert (state(fee), now(fee).transferred_minor) == (("CLOSED", "collected", 0), 0)
    assert not Fee.objects.filter(type__code="CREDIT").exists()
    assert desk.three_balances() == (0, 0, 0)
    assert verify().findings == []


@pytest.mark.parametrize(
    ("effect", "end"), [("credit", ("EXPORTED", "paid", 0)), ("settle", ("CLOSED", "collected", 0))]
)
def test_a_part_lowers_the_transferred_amount_and_leaves_the_rest_open(
    desk: Desk, effect: str, end: tuple[str, str, int]
) -> None:
    fee = _exported(desk)

    desk.settle((fee, 300), effect=effect)
    assert (state(fee), now(fee).transferred_minor) == (("EXPORTED", "", 0), 700)
    assert desk.three_balances() == (0, 0, 700)

    desk.settle((fee, 700), effect=effect)
    assert (state(fee), desk.three_balances()) == (end, (0, 0, 0))
    assert verify().findings == []


@pytest.mark.parametrize("effect", ["credit", "settle"])
def test_what_is_paid_above_becomes_an_active_credit(desk: Desk, effect: str) -> None:
    fee = _exported(desk)

    (done,) = desk.settle((fee, 1250), effect=effect)

    credit = desk.newest_credit()
    assert (done.applied_minor, done.excess_minor) == (1000, 250)
    assert (state(credit), credit.original_minor) == (("ACTIVE", "", -250), -250)
    assert desk.three_balances() == (-250, 0, 0)
    assert verify().findings == []


def test_two_payments_of_one_fee_in_one_go_are_booked_in_their_order(desk: Desk) -> None:
    fee = _exported(desk)

    first, second, third = desk.settle((fee, 300), (fee, 900), (fee, 50))

    assert (first.applied_minor, second.applied_minor, second.excess_minor) == (300, 700, 200)
    assert third == Settled()
    assert desk.three_balances() == (-200, 0, 0)
    assert verify().findings == []


@pytest.mark.parametrize("amount_minor", [-500, 0])
def test_an_amount_of_the_wrong_sign_moves_nothing(desk: Desk, amount_minor: int) -> None:
    fee = _exported(desk)

    with nothing_written():
        assert desk.settle((fee, amount_minor)) == [Settled()]


def test_a_fee_that_is_not_at_the_bursar_is_not_paid_there(desk: Desk) -> None:
    fee = desk.charge(1000)

    with nothing_written():
        assert desk.settle((fee, 1000)) == [Settled()]


@pytest.mark.parametrize("effect", ["credit", "settle"])
def test_an_exported_credit_is_closed_once_the_bursar_paid_it_out(desk: Desk, effect: str) -> None:
    credit = desk.charge(300, "CREDIT")
    desk.export_set(credit, awaits_payment=True)
    assert desk.three_balances() == (0, 0, -300)

    (part,) = desk.settle((credit, -100), effect=effect)
    (rest,) = desk.settle((credit, -500), effect=effect)

    assert (part.applied_minor, rest.applied_minor, rest.excess_minor) == (-100, -200, 0)
    assert (state(credit), desk.three_balances()) == (("CLOSED", "collected", 0), (0, 0, 0))
    assert verify().findings == []


def test_a_lost_item_found_after_it_was_paid_at_the_bursar_gives_a_credit_that_goes_out_negative(desk: Desk) -> None:
    loan = desk.new_loan()
    desk.bring_to(loan, 5000, "LOSTITEMREPLACEMENTFEE")
    fee = Fee.objects.get(loan=loan)
    desk.export_set(fee, awaits_payment=True)
    desk.settle((fee, 5000))

    desk.take_back(loan)
    credit = desk.newest_credit()
    done = desk.export_set(credit, awaits_payment=True)

    assert done.handed_over[credit.pk].amount_minor == -5000
    assert state(fee) == ("EXPORTED", "paid", 0)
    assert desk.three_balances() == (0, 0, -5000)
    assert verify().findings == []


def test_a_fee_that_grows_after_it_was_paid_at_the_bursar_is_a_new_one(desk: Desk) -> None:
    loan = desk.new_loan()
    desk.accrue(loan, 300)
    fee = Fee.objects.get(loan=loan)
    desk.export_set(fee, awaits_payment=True)
    desk.settle((fee, 300), effect="settle")

    desk.accrue(loan, 500)

    assert (state(fee), desk.balance()) == (("CLOSED", "collected", 0), 200)
    assert Fee.objects.filter(loan=loan, type__code="OVERDUEFINE").count() == 2


def test_who_may_not_export_settles_nothing(desk: Desk) -> None:
    fee = _exported(desk)

    with nothing_written(), pytest.raises(NotAllowed):
        settle(
            actor=desk.manager,
            at=NOON,
            institution=desk.library.institution,
            payments=[BursarPayment(fee.patron_id, fee.pk, 1000)],
            effect=Effect.CREDIT,
        )
