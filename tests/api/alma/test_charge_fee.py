"""Charging by a program (rows B4, G2)."""

import json
from datetime import timedelta

import pytest

from amerce.charges.models import Fee
from amerce.events.models import Event
from amerce.institutions.models import Library as LibraryRow
from amerce.ledger.models import Transfer
from tests.api.alma.fees import FEES, NEW
from tests.api.programs import Program
from tests.charges.acts import Desk
from tests.charges.checks import nothing_written
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_a_fee_is_charged_with_200_under_the_name_of_the_key(program: Program, library: Library) -> None:
    item = library.new_item("Invisible cities", "B-1")
    body = {**NEW, "comment": "Lost key", "barcode": {"value": "B-1"}, "balance": 99, "status": {"value": "CLOSED"}}

    told = program.post(FEES, body)

    fee = Fee.objects.get(pk=told["id"])
    assert (told["original_amount"], told["balance"], told["status"]["value"]) == (5.0, 5.0, "ACTIVE")
    assert (fee.original_minor, fee.item_id, fee.owner, fee.note.text) == (500, item.pk, library.library, "Lost key")
    transfer = Transfer.objects.get(fee=fee)
    assert (transfer.actor_id, transfer.actor_name) == (None, "Portal")
    assert Event.objects.get(name="fee.assessed").actor_name == "Portal"


def test_a_fee_is_charged_in_xml_too(program: Program) -> None:
    body = (
        '<?xml version="1.0"?><fee link="x"><type>SERVICEFEE</type><original_amount>7.5</original_amount>'
        '<owner desc="Main">MAIN</owner><comment>From XML</comment></fee>'
    )

    told = program.post(FEES, body, content_type="application/xml")

    assert (told["original_amount"], told["comment"]) == (7.5, "From XML")


def test_a_credit_is_sent_above_zero_and_read_back_below(program: Program) -> None:
    told = program.post(FEES, {**NEW, "type": {"value": "CREDIT"}})

    assert (told["original_amount"], told["balance"]) == (-5.0, -5.0)


def test_a_fee_bears_the_time_at_which_it_was_charged_elsewhere(program: Program) -> None:
    told = program.post(FEES, {**NEW, "creation_time": "2026-01-02T03:04:05.678Z"})

    assert told["creation_time"] == "2026-01-02T03:04:05.678Z"
    event = Event.objects.get(name="fee.assessed")
    assert (event.at, event.data["charged_at"]) == (NOON, "2026-01-02T03:04:05.678000+00:00")


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"type": None}, "4019991"),
        ({"type": {"value": ""}}, "4019991"),
        ({"type": {"value": "NOTHING"}}, "4019992"),
        ({"type": {"value": "CUSTOMER_DEFINED_01"}}, "4019992"),
        ({"type": {"value": "OVERDUEFINE"}}, "4019992"),
        ({"original_amount": None}, "4019994"),
        ({"original_amount": ""}, "4019994"),
        ({"owner": None}, "4019996"),
        ({"owner": {"value": "NOWHERE"}}, "4019997"),
        ({"type": {"value": "CARDRENEWAL"}, "owner": {"value": "SCI"}}, "4019999"),
        ({"barcode": {"value": "no such"}}, "4019993"),
        ({"original_amount": "-5"}, "401666"),
        ({"original_amount": "5,00"}, "401666"),
        ({"original_amount": "1e3"}, "401666"),
        ({"original_amount": "0.005"}, "401666"),
        ({"original_amount": "0"}, "401666"),
        ({"original_amount": "39007054145727"}, "401666"),
        ({"comment": "x" * 1001}, "401666"),
        ({"comment": "a\u202eb"}, "401666"),
        ({"creation_time": "yesterday"}, "401666"),
        ({"creation_time": "2026-13-02T03:04:05Z"}, "401666"),
        ({"creation_time": (NOON + timedelta(seconds=1)).isoformat()}, "401666"),
    ],
)
def test_a_fee_that_cannot_be_is_refused_with_its_code(program: Program, desk: Desk, sent, code: str) -> None:  # type: ignore[no-untyped-def]
    LibraryRow.objects.create(institution=desk.library.institution, code="SCI", name="Science")
    program.post(FEES, NEW)

    with nothing_written():
        assert program.refused("post", FEES, {**NEW, **sent}) == (400, code)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1e3", "5.001", "-5"])
def test_a_number_is_read_by_its_digits(program: Program, desk: Desk, amount: str) -> None:
    body = json.dumps({**NEW, "original_amount": 0}).replace('"original_amount": 0', f'"original_amount": {amount}')
    desk.charge(100)

    with nothing_written():
        assert program.refused("post", FEES, body) == (400, "401666")


def test_a_number_without_places_is_a_number(program: Program) -> None:
    assert program.post(FEES, {**NEW, "original_amount": 3})["original_amount"] == 3.0
    assert program.post(FEES, {**NEW, "original_amount": 0.1})["original_amount"] == 0.1


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", "7", '"fee"', "\xff", "<fee>", "[" * 2000, "<!DOCTYPE x><fee/>"]
)
def test_a_body_that_cannot_be_read_is_refused(program: Program, desk: Desk, body: str) -> None:
    desk.charge(100)
    with nothing_written():
        status, code = program.refused("post", FEES, body.encode("latin-1"))

    assert (status, code) in {(400, "401666"), (400, "4019991")}
