"""The same asked twice is done once (rows A7, G2)."""

import pytest

from amerce.charges.errors import KeyConflict, MoreThanOwed, PaymentTakenBack, StaleAccount, StatusForbids
from amerce.charges.models import Fee
from amerce.events.models import Event
from amerce.ledger.models import Idempotency, Transfer
from tests.charges.acts import Desk, now
from tests.charges.checks import nothing_written
from tests.world import Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_the_same_form_sent_twice_pays_once_and_answers_the_same(desk: Desk) -> None:
    fee = desk.charge(1000)
    first = desk.pay(fee, amount=400, comment="half", form_key="page-1")

    again = desk.pay(fee, amount=400, comment="half", form_key="page-1")

    assert (first.replayed, again.replayed) == (False, True)
    assert (again.lines, again.payment_id, again.balance_minor, again.seq) == (
        first.lines,
        first.payment_id,
        first.balance_minor,
        first.seq,
    )
    assert (Transfer.objects.filter(kind="PAYMENT").count(), Idempotency.objects.count()) == (1, 1)
    assert now(fee).remaining_minor == 600


def test_a_replay_is_an_event_and_nothing_else(desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.pay(fee, amount=400, form_key="page-1")
    names = list(Event.objects.order_by("pk").values_list("name", flat=True))

    desk.pay(fee, amount=400, form_key="page-1")

    assert list(Event.objects.order_by("pk").values_list("name", flat=True)) == [*names, "request.replayed"]
    assert Event.objects.latest("pk").data == {"verb": "pay", "scope": "form"}


@pytest.mark.parametrize(
    "other", [{"amount": 401}, {"method": "CREDIT_CARD"}, {"comment": "other"}, {"external_transaction_id": "T-1"}]
)
def test_the_same_key_with_other_inputs_is_a_conflict(desk: Desk, other: dict[str, object]) -> None:
    fee = desk.charge(1000)
    desk.pay(fee, amount=400, form_key="page-1")

    with nothing_written(), pytest.raises(KeyConflict) as refused:
        desk.pay(fee, **{"amount": 400, "form_key": "page-1", **other})

    assert (refused.value.scope, refused.value.key) == ("form", "page-1")


def test_the_same_key_for_another_fee_is_a_conflict(desk: Desk) -> None:
    first, second = desk.charge(1000), desk.charge(1000)
    desk.pay(first, form_key="page-1")

    with nothing_written(), pytest.raises(KeyConflict):
        desk.pay(second, form_key="page-1")


def test_a_key_of_another_verb_is_a_conflict(desk: Desk) -> None:
    fee, other = desk.charge(1000), desk.charge(1000)
    desk.dispute(fee, form_key="page-1")

    with nothing_written(), pytest.raises(KeyConflict):
        desk.restore(fee, form_key="page-1")
    with nothing_written(), pytest.raises(KeyConflict):
        desk.pay(other, form_key="page-1")


def test_an_empty_key_is_none(desk: Desk) -> None:
    fee = desk.charge(1000)

    desk.pay(fee, amount=100, form_key="")
    desk.pay(fee, amount=100, form_key="")

    assert (now(fee).remaining_minor, Idempotency.objects.count()) == (800, 0)


def test_a_failed_attempt_leaves_no_key(desk: Desk) -> None:
    fee = desk.charge(1000)
    with nothing_written(), pytest.raises(MoreThanOwed):
        desk.pay(fee, amount=1001, form_key="page-1", external_transaction_id="T-1")

    outcome = desk.pay(fee, amount=1000, form_key="page-1", external_transaction_id="T-1")

    assert (outcome.replayed, now(fee).remaining_minor) == (False, 0)


def test_the_same_key_of_another_patron_is_another_key(desk: Desk) -> None:
    other = Desk(desk.library)
    other.patron = desk.library.new_patron("second")
    desk.pay(desk.charge(1000), form_key="page-1")

    assert not other.pay(other.charge(1000), form_key="page-1").replayed


def test_the_same_external_id_for_the_same_target_pays_once(desk: Desk) -> None:
    fee = desk.charge(1000)
    first = desk.pay(fee, amount=400, external_transaction_id="T-1")

    again = desk.pay(fee, amount=400, external_transaction_id=" T-1 ", comment="sent again")

    assert (again.replayed, again.lines, now(fee).remaining_minor) == (True, first.lines, 600)


@pytest.mark.parametrize("other", [{"amount": 401}, {"method": "ONLINE"}])
def test_the_same_external_id_with_another_amount_or_method_is_a_conflict(desk: Desk, other: dict[str, object]) -> None:
    fee = desk.charge(1000)
    desk.pay(fee, amount=400, external_transaction_id="T-1")

    with nothing_written(), pytest.raises(KeyConflict) as refused:
        desk.pay(fee, **{"amount": 400, "external_transaction_id": "T-1", **other})

    assert refused.value.key == "T-1"


def test_the_external_id_of_a_corrected_payment_is_neither_answered_nor_taken_again(desk: Desk) -> None:
    fee = desk.charge(1000)
    paid = desk.pay(fee, amount=400, external_transaction_id="T-1")
    desk.correct(*Transfer.objects.filter(payment_id=paid.payment_id))

    for method in ("CASH", "CREDIT_CARD"):
        with nothing_written(), pytest.raises(PaymentTakenBack) as refused:
            desk.pay(fee, amount=400, method=method, external_transaction_id="T-1")

        assert (refused.value.key, refused.value.payment_id) == ("T-1", paid.payment_id)


def test_another_fee_with_the_same_external_id_is_a_further_payment(desk: Desk) -> None:
    first, second = desk.charge(1000), desk.charge(1000)
    desk.pay(first, external_transaction_id="T-1")

    outcomes = [
        desk.pay(second, amount=100, external_transaction_id="T-1"),
        desk.pay(amount=200, external_transaction_id="T-1"),
    ]

    assert [outcome.replayed for outcome in outcomes] == [False, False]
    assert Transfer.objects.filter(external_transaction_id="T-1").count() == 3


def test_the_same_external_id_for_the_same_chosen_fees_in_any_order_pays_once(desk: Desk) -> None:
    first, second = desk.charge(1000), desk.charge(1000)
    desk.pay(first, second, amount=500, external_transaction_id="T-1")

    assert desk.pay(second, first, amount=500, external_transaction_id="T-1").replayed


def test_paying_all_that_is_owed_with_the_same_external_id_is_answered_when_nothing_is_owed(desk: Desk) -> None:
    desk.charge(1000)
    first = desk.pay(external_transaction_id="T-1")

    assert desk.pay(external_transaction_id="T-1").payment_id == first.payment_id


def test_a_page_that_is_out_of_date_is_refused(desk: Desk) -> None:
    fee, other = desk.charge(1000), desk.charge(500)
    seen = desk.account().seq
    desk.pay(other)

    with nothing_written(), pytest.raises(StaleAccount) as refused:
        desk.pay(fee, expected_seq=seen)

    assert (refused.value.expected_seq, refused.value.current_seq) == (2, 3)


def test_a_replay_from_a_page_that_is_out_of_date_is_answered(desk: Desk) -> None:
    fee = desk.charge(1000)
    first = desk.pay(fee, form_key="page-1", expected_seq=1)

    again = desk.pay(fee, form_key="page-1", expected_seq=1)

    assert (again.replayed, again.lines) == (True, first.lines)


def test_a_replay_is_answered_before_anything_else_is_checked(desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.pay(fee, form_key="page-1")
    with pytest.raises(StatusForbids):
        desk.pay(fee, form_key="page-2")

    assert desk.pay(fee, form_key="page-1").replayed


def test_every_verb_answers_its_form_sent_twice(desk: Desk) -> None:
    fee, other, item = desk.charge(1000), desk.charge(1000), desk.library.new_item()
    desk.pay(other)
    steps = [
        lambda: desk.dispute(fee, form_key="a"),
        lambda: desk.restore(fee, form_key="b"),
        lambda: desk.waive(fee, amount=1, form_key="c"),
        lambda: desk.refund(other, 1, form_key="d"),
        lambda: desk.link_item(fee, item, form_key="e"),
        lambda: desk.correct(desk.last_transfer("WAIVE"), form_key="f"),
        lambda: desk.export(fee, form_key="g"),
    ]
    for step in steps:
        first = step()
        transfers, fees = Transfer.objects.count(), list(Fee.objects.order_by("pk").values())

        again = step()

        assert (first.replayed, again.replayed, again.lines, again.seq) == (False, True, first.lines, first.seq)
        assert (Transfer.objects.count(), list(Fee.objects.order_by("pk").values())) == (transfers, fees)


def test_a_first_answer_survives_what_happens_later(desk: Desk) -> None:
    fee = desk.charge(1000)
    first = desk.pay(fee, amount=100, form_key="page-1")
    desk.waive(fee)

    assert desk.pay(fee, amount=100, form_key="page-1").balance_minor == first.balance_minor == 900


def test_a_kept_excess_is_kept_once() -> None:
    desk = Desk(Library.new("KEEPS", overpayment="credit"))
    desk.charge(100)

    for _ in range(2):
        desk.pay(amount=500, form_key="page-1")

    assert desk.balance() == -400


def test_a_correction_is_recognised_before_its_transfers_are_looked_at(desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.pay(fee)
    payment, charge = desk.last_transfer("PAYMENT"), desk.last_transfer("CHARGE")
    first = desk.correct(payment, form_key="page-1")

    assert desk.correct(payment, form_key="page-1").payment_id == first.payment_id
    with nothing_written(), pytest.raises(KeyConflict):
        desk.correct(Transfer(pk=999_999), form_key="page-1")
    with nothing_written(), pytest.raises(StaleAccount):
        desk.correct(Transfer(pk=999_999), charge, form_key="page-2", expected_seq=1)
