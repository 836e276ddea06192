from typing import Any

import pytest

from amerce.charges.errors import CreditForbids, InternalNumberTaken, NothingOwed, StatusForbids, TransactionIdTaken
from amerce.institutions.models import BursarSequence
from amerce.institutions.sequence_errors import SequenceFull
from amerce.web.wording import refusal_of
from tests.charges.acts import Desk, now, shares, state
from tests.charges.checks import nothing_written

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_a_fee_exported_for_good_is_closed_and_out_of_every_balance(desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.pay(fee, amount=400)

    outcome = desk.export(fee)

    row = desk.last_transfer("EXPORT")
    assert state(fee) == ("CLOSED", "exported", 0)
    assert (now(fee).transferred_minor, desk.three_balances()) == (0, (0, 0, 0))
    assert (row.debit, row.credit, row.amount_minor) == ("bursar", "patron:active", 600)
    assert shares(outcome) == [(fee.pk, 600, None)]


def test_a_fee_that_awaits_payment_is_transferred(desk: Desk) -> None:
    fee, kept = desk.charge(1000), desk.charge(300)

    outcome = desk.export(fee, awaits_payment=True)

    row = desk.last_transfer("EXPORTED_AND_PAID")
    assert state(fee) == ("EXPORTED", "", 0)
    assert (now(fee).transferred_minor, desk.three_balances()) == (1000, (300, 0, 1000))
    assert (row.debit, row.credit) == ("patron:transferred", "patron:active")
    assert (outcome.transferred_minor, state(kept)) == (1000, ("ACTIVE", "", 300))


@pytest.mark.parametrize("verb", ["pay", "waive", "dispute", "restore", "export"])
@pytest.mark.parametrize("awaits_payment", [False, True])
def test_nothing_more_happens_here_to_an_exported_fee(desk: Desk, verb: str, awaits_payment: bool) -> None:
    fee = desk.charge(1000)
    desk.export(fee, awaits_payment=awaits_payment)

    with nothing_written(), pytest.raises(StatusForbids):
        getattr(desk, verb)(fee)


def test_pay_all_after_an_export_finds_nothing_owed(desk: Desk) -> None:
    desk.export(desk.charge(1000), awaits_payment=True)

    with nothing_written(), pytest.raises(NothingOwed):
        desk.pay()


def test_a_credit_is_not_exported_as_a_debt(desk: Desk) -> None:
    credit = desk.charge(1000, "CREDIT")

    with nothing_written(), pytest.raises(CreditForbids):
        desk.export(credit)


def test_the_same_export_asked_again_exports_once(desk: Desk) -> None:
    fee = desk.charge(1000)
    first = desk.export(fee, form_key="run-7")

    again = desk.export(fee, form_key="run-7")

    assert (again.replayed, again.lines) == (True, first.lines)


def _sequence(desk: Desk, **columns: Any) -> BursarSequence:
    plain = {"name": "Bursar", "prefix": "ABC", "start": 32, "next_value": 32, "padding": 10}
    return BursarSequence.objects.create(institution=desk.library.institution, **{**plain, **columns})


@pytest.mark.parametrize("awaits_payment", [False, True])
def test_each_fee_gets_an_id_from_the_sequence_of_its_library_or_of_the_institution(
    desk: Desk, awaits_payment: bool
) -> None:
    _sequence(desk)
    _sequence(desk, name="Main", prefix="M", padding=0, library=desk.library.library)
    first, card, second = desk.charge(1000), desk.charge(500, "CARDRENEWAL"), desk.charge(300)

    desk.export(second, card, first, awaits_payment=awaits_payment)

    assert [now(fee).bursar_transaction_id for fee in (first, card, second)] == ["M32", "ABC0000000032", "M33"]


def test_without_a_sequence_a_fee_has_no_id_of_the_bursars(desk: Desk) -> None:
    fee = desk.charge(1000)

    desk.export(fee)

    assert now(fee).bursar_transaction_id == ""


def test_a_fee_that_has_an_id_keeps_it(desk: Desk) -> None:
    sequence, fee = _sequence(desk), desk.charge(1000)
    type(fee).objects.filter(pk=fee.pk).update(bursar_transaction_id="OLD-7")

    desk.export(fee)

    sequence.refresh_from_db()
    assert (now(fee).bursar_transaction_id, sequence.next_value) == ("OLD-7", 32)


def test_a_sequence_without_room_for_all_refuses_the_export(desk: Desk) -> None:
    sequence = _sequence(desk, start=99, next_value=99, padding=2)
    first, second = desk.charge(1000), desk.charge(300)

    with nothing_written(), pytest.raises(SequenceFull):
        desk.export(first, second)

    sequence.refresh_from_db()
    assert sequence.next_value == 99


def test_an_id_that_came_from_another_system_is_not_given_to_a_second_fee(desk: Desk) -> None:
    sequence, loaded, fee = _sequence(desk), desk.charge(1000), desk.charge(300)
    type(loaded).objects.filter(pk=loaded.pk).update(bursar_transaction_id="ABC0000000032")

    with nothing_written(), pytest.raises(TransactionIdTaken) as refused:
        desk.export(fee)

    sequence.refresh_from_db()
    assert (refused.value.number, sequence.next_value) == ("ABC0000000032", 32)
    sentence = refusal_of(refused.value, desk.library.institution).sentence
    assert sentence == (
        "Another fee has the bursar transaction ID ABC0000000032. Set the next number of the sequence above it."
    )


def test_the_number_under_which_the_bursar_knows_a_fee_without_an_id_is_given_to_no_other(desk: Desk) -> None:
    by_number, last = desk.charge(1000), desk.charge(500)
    desk.export(by_number, last)
    sequence = _sequence(desk, start=by_number.pk, next_value=by_number.pk, prefix="", padding=0)
    fee = desk.charge(300)

    with nothing_written(), pytest.raises(InternalNumberTaken) as refused:
        desk.export(fee)

    sequence.refresh_from_db()
    assert (refused.value.number, sequence.next_value) == (last.pk, by_number.pk)
    assert f"up to {last.pk}" in refusal_of(refused.value, desk.library.institution).sentence


def test_a_fee_without_an_id_is_not_exported_under_a_number_that_another_has(desk: Desk) -> None:
    named, fee = desk.charge(1000), desk.charge(300)
    type(named).objects.filter(pk=named.pk).update(bursar_transaction_id=str(fee.pk))

    with nothing_written(), pytest.raises(InternalNumberTaken):
        desk.export(fee)


def test_a_padded_number_and_one_of_a_fee_that_never_left_are_nobodys_else(desk: Desk) -> None:
    here, fee, other = desk.charge(1000), desk.charge(300), desk.charge(200)
    desk.export(here)
    sequence = _sequence(desk, start=here.pk, next_value=here.pk, prefix="", padding=9)

    desk.export(fee)
    type(sequence).objects.filter(pk=sequence.pk).update(padding=0, next_value=other.pk)
    desk.export(other)

    assert [now(each).bursar_transaction_id for each in (fee, other)] == [f"{here.pk:09}", str(other.pk)]


def test_the_same_export_asked_again_takes_no_number(desk: Desk) -> None:
    sequence, fee = _sequence(desk), desk.charge(1000)

    desk.export(fee, form_key="run-7")
    desk.export(fee, form_key="run-7")

    sequence.refresh_from_db()
    assert sequence.next_value == 33
