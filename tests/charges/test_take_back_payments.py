"""What was booked as paid at the bursar is taken back: the fee is there again, and nothing is edited (row D5)."""

import pytest

from amerce.access.can import NotAllowed
from amerce.charges.errors import AlreadyCorrected, CreditAlreadyUsed
from amerce.charges.models import Fee
from amerce.charges.take_back_payments import take_back_payments
from amerce.events.models import Event
from amerce.ledger.models import Transfer
from amerce.ledger.verify import verify
from tests.charges.acts import Desk, now, state
from tests.charges.checks import nothing_written
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def _exported(desk: Desk, amount_minor: int = 1000) -> Fee:
    fee = desk.charge(amount_minor)
    desk.export_set(fee, awaits_payment=True)
    return fee


def test_a_paid_fee_is_at_the_bursar_again_and_the_credit_that_showed_it_is_closed(desk: Desk) -> None:
    fee = _exported(desk)
    (paid,) = desk.settle((fee, 1000))
    credit = desk.newest_credit()

    assert desk.take_back_payments(paid) == {paid.transfer_id: None}

    row = desk.last_transfer("CORRECTION")
    assert (row.debit, row.credit, row.amount_minor, row.vat_minor) == ("patron:transferred", "bursar", 1000, 0)
    assert (row.corrects_id, row.fee_id, row.credit_fee_id) == (paid.transfer_id, fee.pk, credit.pk)
    assert row.note and row.note.text == "Wrong file"
    assert (state(fee), now(fee).transferred_minor) == (("EXPORTED", "", 0), 1000)
    assert (state(credit), now(credit).original_minor) == (("CLOSED", "corrected", 0), -1000)
    assert desk.three_balances() == (0, 0, 1000)
    assert verify().findings == []


def test_a_fee_that_was_closed_by_its_payment_is_at_the_bursar_again(desk: Desk) -> None:
    fee = _exported(desk)
    (paid,) = desk.settle((fee, 1000), effect="settle")

    desk.take_back_payments(paid)

    assert (state(fee), now(fee).transferred_minor) == (("EXPORTED", "", 0), 1000)
    assert desk.three_balances() == (0, 0, 1000)
    assert verify().findings == []


@pytest.mark.parametrize("effect", ["credit", "settle"])
def test_of_two_parts_the_one_that_was_wrong_goes_and_the_other_stays(desk: Desk, effect: str) -> None:
    fee = _exported(desk)
    first, second = desk.settle((fee, 300), (fee, 700), effect=effect)

    desk.take_back_payments(first)

    assert (state(fee), now(fee).transferred_minor) == (("EXPORTED", "", 0), 300)
    assert verify().findings == []
    (again,) = desk.settle((fee, 300), effect=effect)
    assert now(fee).transferred_minor == 0
    assert desk.take_back_payments(second, again) == {second.transfer_id: None, again.transfer_id: None}
    assert (now(fee).transferred_minor, desk.three_balances()) == (1000, (0, 0, 1000))
    assert verify().findings == []


@pytest.mark.parametrize("effect", ["credit", "settle"])
def test_what_was_paid_above_the_fee_goes_with_it(desk: Desk, effect: str) -> None:
    fee = _exported(desk)
    (paid,) = desk.settle((fee, 1250), effect=effect)
    credit = desk.newest_credit()

    desk.take_back_payments(paid)

    assert (state(credit), state(fee)) == (("CLOSED", "corrected", 0), ("EXPORTED", "", 0))
    rows = Transfer.objects.filter(kind="CORRECTION").order_by("seq").values_list("debit", "credit", "amount_minor")
    assert list(rows) == [("patron:credit", "bursar", 250), ("patron:transferred", "bursar", 1000)]
    assert desk.three_balances() == (0, 0, 1000)
    assert verify().findings == []


@pytest.mark.parametrize("use", ["paid a fee in part", "refunded", "exported"])
def test_a_payment_of_which_the_excess_was_used_stands_whole(desk: Desk, use: str) -> None:
    fee = _exported(desk)
    (paid,) = desk.settle((fee, 1250))
    credit = desk.newest_credit()
    if use == "paid a fee in part":
        desk.charge(100)
        desk.pay(amount=None)
    elif use == "refunded":
        desk.refund(credit, 250)
    else:
        desk.export_set(credit, awaits_payment=True)

    with nothing_written():
        answers = desk.take_back_payments(paid)

    refusal = answers[paid.transfer_id or 0]
    assert isinstance(refusal, CreditAlreadyUsed)
    assert (refusal.fee_id, state(fee)) == (credit.pk, ("EXPORTED", "paid", 0))


def test_the_excess_of_another_payment_of_the_fee_is_left(desk: Desk) -> None:
    fee = _exported(desk)
    part, rest = desk.settle((fee, 300), (fee, 900))
    desk.refund(desk.newest_credit(), 200)

    answers = desk.take_back_payments(part, rest)

    assert answers[part.transfer_id or 0] is None
    assert isinstance(answers[rest.transfer_id or 0], CreditAlreadyUsed)
    assert (now(fee).transferred_minor, desk.three_balances()) == (300, (0, 0, 300))
    assert verify().findings == []


def test_a_credit_that_was_paid_out_is_at_the_bursar_again(desk: Desk) -> None:
    credit = desk.charge(300, "CREDIT")
    desk.export_set(credit, awaits_payment=True)
    part, rest = desk.settle((credit, -100), (credit, -500))

    desk.take_back_payments(part, rest)

    assert (state(credit), now(credit).transferred_minor) == (("EXPORTED", "", 0), -300)
    assert desk.three_balances() == (0, 0, -300)
    assert verify().findings == []


def test_a_payment_is_taken_back_once(desk: Desk) -> None:
    fee = _exported(desk)
    (paid,) = desk.settle((fee, 1000))
    desk.take_back_payments(paid)

    with nothing_written():
        answers = desk.take_back_payments(paid)

    assert isinstance(answers[paid.transfer_id or 0], AlreadyCorrected)
    assert now(fee).transferred_minor == 1000


def test_a_lost_item_that_was_found_keeps_its_credit_and_owes_at_the_bursar(desk: Desk) -> None:
    loan = desk.new_loan()
    desk.bring_to(loan, 5000, "LOSTITEMREPLACEMENTFEE")
    fee = Fee.objects.get(loan=loan)
    desk.export_set(fee, awaits_payment=True)
    (paid,) = desk.settle((fee, 5000))
    desk.take_back(loan)

    desk.take_back_payments(paid)

    assert desk.three_balances() == (-5000, 0, 5000)
    assert verify().findings == []


def test_what_is_no_payment_received_is_not_touched(desk: Desk) -> None:
    desk.charge(1000)
    desk.pay()
    row = desk.last_transfer("PAYMENT")

    with nothing_written():
        assert _take_back(desk, row.pk) == {}


def test_a_payment_of_another_institution_is_not_touched(desk: Desk) -> None:
    neighbour = Desk(Library.new("NEXT"))
    fee = _exported(neighbour)
    (paid,) = neighbour.settle((fee, 1000))

    with nothing_written():
        assert _take_back(desk, paid.transfer_id or 0) == {}


def test_each_patron_gets_one_event_with_all_that_was_taken_back(desk: Desk) -> None:
    fees = [_exported(desk), _exported(desk, 500)]
    settled = desk.settle((fees[0], 1000), (fees[1], 600))

    desk.take_back_payments(*settled)

    event = Event.objects.get(name="bursar_payment.taken_back")
    received = Transfer.objects.filter(kind="PAYMENT_RECEIVED").order_by("pk")
    assert event.patron_id == desk.library.patron.pk
    assert (event.data["transfers"], event.data["bursar_import"]) == ([row.pk for row in received], 1)
    assert sorted(line["amount_minor"] for line in event.data["lines"]) == [100, 500, 1000]


def test_who_may_not_export_takes_nothing_back(desk: Desk) -> None:
    (paid,) = desk.settle((_exported(desk), 1000))

    with nothing_written(), pytest.raises(NotAllowed):
        take_back_payments(
            actor=desk.manager,
            at=NOON,
            institution=desk.library.institution,
            transfer_ids=[paid.transfer_id or 0],
            comment="",
            data={},
        )


def _take_back(desk: Desk, transfer_id: int) -> object:
    return take_back_payments(
        actor=desk.system,
        at=NOON,
        institution=desk.library.institution,
        transfer_ids=[transfer_id],
        comment="",
        data={},
    )
