"""What is told of which event, and to whom."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from amerce.charges.assess import assess
from amerce.circulation.models import BlockRule
from amerce.events.models import Event, EventDelivery
from amerce.patrons.blocks import BlockFacts, lift_block, set_block
from amerce.patrons.models import Patron
from amerce.webhooks import listening
from amerce.webhooks.models import ToldBlock, WebhookDelivery
from tests.charges.acts import Desk
from tests.webhooks.telling import endpoint_at
from tests.world import NOON, Library

pytestmark = pytest.mark.money
URL = "https://hooks.example/in"


def told() -> list[tuple[str, dict[str, Any]]]:
    return [(each.kind, json.loads(each.body)) for each in WebhookDelivery.objects.order_by("pk")]


def test_a_payment_is_told_in_ids_codes_and_amounts(desk: Desk) -> None:
    # given
    endpoint_at(desk.library, URL)
    fee = desk.charge(1000)
    WebhookDelivery.objects.all().delete()

    # when
    outcome = desk.pay(fee, amount=350, comment="from his mother")

    # then
    row = WebhookDelivery.objects.get()
    ((kind, body),) = told()
    assert kind == "fee.paid"
    assert body == {
        "id": str(row.uid),
        "event": "fee.paid",
        "event_id": str(Event.objects.get(name="fee.paid").pk),
        "at": "2026-03-02T12:00:00.000Z",
        "institution": "MAIN",
        "patron": {"id": str(desk.patron.pk)},
        "receipt": str(outcome.payment_id),
        "currency": "USD",
        "amount_minor": 350,
        "amount": "3.50",
        "fees": [
            {
                "id": str(fee.pk),
                "type": "OTHER",
                "transaction": "PAYMENT",
                "amount_minor": 350,
                "amount": "3.50",
                "remaining_minor": 650,
                "remaining": "6.50",
                "status": "ACTIVE",
                "credit": None,
            }
        ],
    }
    assert "mother" not in row.body
    assert (row.state, row.next_at, row.since, row.attempts) == ("waiting", NOON, NOON, 0)


def test_what_was_charged_elsewhere_weeks_ago_is_told_from_now_on_like_any_other(desk: Desk) -> None:
    endpoint_at(desk.library, URL)

    assess(
        actor=desk.library.manager, at=NOON, patron_id=desk.patron.pk, type_code="OTHER", amount_minor=700,
        created_at=NOON - timedelta(days=35),
    )  # fmt: skip

    row = WebhookDelivery.objects.get()
    assert (row.created_at, row.since, row.next_at) == (NOON, NOON, NOON)
    assert json.loads(row.body)["at"] == "2026-03-02T12:00:00.000Z"


def test_each_verb_is_told_by_its_name(desk: Desk) -> None:
    endpoint_at(desk.library, URL)
    first, second = desk.charge(1000), desk.charge(500)
    desk.dispute(first)
    desk.restore(first)
    desk.waive(first, amount=100)
    paid = desk.pay(first, amount=200)
    desk.correct_all_of(paid)
    desk.export(second, awaits_payment=True)

    assert [kind for kind, _body in told()] == [
        "fee.created",
        "fee.created",
        "fee.disputed",
        "fee.restored",
        "fee.waived",
        "fee.paid",
        "fee.changed",
        "fee.exported",
    ]


def test_a_fee_that_grows_was_changed_and_not_created(desk: Desk) -> None:
    endpoint_at(desk.library, URL)
    loan = desk.new_loan()
    desk.accrue(loan, 100)
    Desk(desk.library, NOON + timedelta(days=1)).accrue(loan, 250)

    assert [(kind, body["amount_minor"]) for kind, body in told()] == [("fee.created", 100), ("fee.changed", 150)]


def test_only_enabled_endpoints_of_the_institution_that_ask_for_it_are_told(desk: Desk) -> None:
    other = Library.new("OTHER")
    mine = endpoint_at(desk.library, URL, "fee.created", name="Mine")
    endpoint_at(desk.library, URL, "fee.paid", name="Payments")
    endpoint_at(desk.library, URL, "fee.created", name="Off", is_enabled=False)
    endpoint_at(other, URL, "fee.created")

    desk.charge(300)

    assert [each.endpoint for each in WebhookDelivery.objects.all()] == [mine]


def test_without_endpoints_a_payment_costs_no_statement_and_no_row(desk: Desk) -> None:
    desk.charge(300)
    listening.listens(desk.library.institution.pk)
    with CaptureQueriesContext(connection) as queries:
        desk.pay()

    assert not EventDelivery.objects.exists()
    assert not any("webhook" in each["sql"] for each in queries)


def test_an_endpoint_is_told_at_once_though_nobody_listened_a_moment_ago(desk: Desk) -> None:
    desk.charge(300)
    endpoint_at(desk.library, URL)

    desk.charge(300)

    assert [kind for kind, _body in told()] == ["fee.created"]


def test_a_block_set_by_hand_is_told_without_what_it_says(desk: Desk) -> None:
    endpoint_at(desk.library, URL, "block.set", "block.lifted")
    seq = Patron.objects.get(pk=desk.patron.pk).seq
    who = {"actor": desk.manager, "at": NOON, "patron_id": desk.patron.pk}
    done = set_block(**who, expected_seq=seq, facts=BlockFacts(description="Threw a book"))
    lift_block(**who, expected_seq=done.seq, block_id=done.row_id)

    block = {"kind": "manual", "id": str(done.row_id), "type": "GENERAL"}
    assert [(kind, body["block"]) for kind, body in told()] == [("block.set", block), ("block.lifted", block)]
    assert "book" not in WebhookDelivery.objects.first().body


def test_a_block_by_balance_is_told_once_when_it_begins_and_once_when_it_ends(desk: Desk) -> None:
    # given
    BlockRule.objects.create(institution=desk.library.institution, amount_minor=1000, blocks_renewal=False)
    endpoint_at(desk.library, URL, "block.set", "block.lifted")

    # when
    for amount_minor in (600, 400, 200):
        desk.charge(amount_minor)
    desk.pay(amount=150)
    desk.pay(amount=51)
    desk.pay(amount=100)

    # then
    (set_kind, set_body), (lifted_kind, lifted_body) = told()
    assert (set_kind, lifted_kind) == ("block.set", "block.lifted")
    assert set_body["block"] == {
        "kind": "balance",
        "forbids": ["checkout", "request"],
        "currency": "USD",
        "balance_minor": 1000,
        "balance": "10.00",
        "limit_minor": 1000,
        "limit": "10.00",
        "age_days": None,
        "since": None,
    }
    assert lifted_body["block"] == {"kind": "balance", "forbids": []}
    assert not ToldBlock.objects.exists()
    events = Event.objects.filter(patron_id=desk.patron.pk, name__startswith="balance_block.").order_by("pk")
    assert [(each.name, str(each.pk)) for each in events] == [
        ("balance_block.set", set_body["event_id"]),
        ("balance_block.lifted", lifted_body["event_id"]),
    ]


def test_an_event_that_is_handled_twice_is_told_once(desk: Desk) -> None:
    from amerce.webhooks.plan import WEBHOOKS

    endpoint_at(desk.library, URL)
    desk.charge(300)
    event = Event.objects.get(name="fee.assessed")

    with pytest.raises(Exception, match=r"(?i)unique"):
        WEBHOOKS.handle(event, NOON)

    assert len(told()) == 1
