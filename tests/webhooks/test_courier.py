"""Deliveries against a real server: signed, retried, never held up by a slow one, found again after a crash."""

import hmac
import signal
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from amerce.access.sealed import seal
from amerce.webhooks.courier import FIRST_WAIT, GIVEN_UP_AFTER, KEPT, LEASE, LONGEST_WAIT, Courier
from amerce.webhooks.models import WebhookDelivery, WebhookEndpoint
from tests.charges.acts import Desk
from tests.jobs.test_kill import amerce, wait_for
from tests.outbound.conftest import Names
from tests.outbound.receiver import Receiver, receiving, says
from tests.webhooks.telling import SECRET, bodies, bring_all, endpoint_at, only_delivery
from tests.world import NOON

pytestmark = pytest.mark.money


def test_a_message_is_signed_and_arrives_once(desk: Desk, receiver: Receiver) -> None:
    # given
    endpoint_at(desk.library, receiver.url)
    desk.charge(300)

    # when
    bring_all()
    bring_all(NOON + timedelta(days=1))

    # then
    (got,) = receiver.got
    row = only_delivery()
    timestamp = str(int(NOON.timestamp()))
    expected = hmac.new(SECRET.encode(), timestamp.encode() + b"." + got.body, "sha256").hexdigest()
    assert got.headers["Amerce-Signature"] == f"v1={expected}"
    assert got.headers["Amerce-Timestamp"] == timestamp
    assert got.headers["Amerce-Event"] == "fee.created"
    assert got.headers["Amerce-Delivery"] == str(row.uid) == bodies(receiver)[0]["id"]
    assert got.headers["Content-Type"] == "application/json"
    assert (row.state, row.status_code, row.answer, row.error) == ("delivered", 200, "thanks", "")
    assert (row.attempts, row.url, row.last_at) == (1, receiver.url, NOON)


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 410, 429, 500, 503])
def test_any_other_answer_than_a_success_is_tried_again_later(desk: Desk, receiver: Receiver, status: int) -> None:
    receiver.answer = says(status, b"not today", Location=f"http://127.0.0.1:{receiver.port}/elsewhere")
    endpoint_at(desk.library, receiver.url)
    desk.charge(300)

    bring_all()

    row = only_delivery()
    assert (row.state, row.error, row.status_code, row.answer) == ("waiting", "status", status, "not today")
    assert row.next_at == NOON + FIRST_WAIT
    assert [each.path for each in receiver.got] == ["/hook"]
    assert WebhookEndpoint.objects.get().failing_since == NOON


def due_of(endpoint: WebhookEndpoint, count: int) -> None:
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(
            institution_id=endpoint.institution_id, endpoint=endpoint, uid=uuid4(), kind="fee.created", body="{}",
            created_at=NOON, since=NOON, next_at=NOON,
        )
        for _ in range(count)
    )  # fmt: skip


def test_the_backlog_of_one_endpoint_keeps_no_other_waiting(desk: Desk, receiver: Receiver) -> None:
    # given more that is due of one endpoint than is looked at together
    busy = endpoint_at(desk.library, receiver.url, name="Busy")
    due_of(busy, 150)
    endpoint_at(desk.library, receiver.url, name="Quiet")
    desk.charge(300)

    # when
    courier = Courier()
    courier(now=NOON)

    # then
    assert WebhookDelivery.objects.get(endpoint__name="Quiet").attempts == 1
    assert WebhookDelivery.objects.filter(endpoint=busy, attempts=1).count() == 4
    bring_all(courier=courier)


def test_waits_double_up_to_an_hour_and_end_after_three_days(desk: Desk, receiver: Receiver) -> None:
    receiver.answer = says(500)
    endpoint_at(desk.library, receiver.url)
    desk.charge(300)
    waits, now = [], NOON
    while only_delivery().state != "failed":
        bring_all(now)
        row = only_delivery()
        waits.append(row.next_at - now)
        now = row.next_at

    assert waits[:4] == [FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT, 8 * FIRST_WAIT]
    assert max(waits) == LONGEST_WAIT
    assert row.last_at - NOON >= GIVEN_UP_AFTER
    assert row.last_at - NOON < GIVEN_UP_AFTER + LONGEST_WAIT
    assert len({each.headers["Amerce-Delivery"] for each in receiver.got}) == 1
    assert len({each.body for each in receiver.got}) == 1
    assert WebhookEndpoint.objects.get().is_enabled


def test_after_a_success_the_endpoint_is_well_again(desk: Desk, receiver: Receiver) -> None:
    receiver.answer = says(500)
    endpoint_at(desk.library, receiver.url)
    desk.charge(300)
    bring_all()
    receiver.answer = says(204, b"")

    bring_all(NOON + FIRST_WAIT)

    assert only_delivery().state == "delivered"
    assert WebhookEndpoint.objects.get().failing_since is None


def test_a_slow_receiver_holds_up_neither_the_worker_nor_the_others(desk: Desk, receiver: Receiver, settings) -> None:  # type: ignore[no-untyped-def]
    with receiving() as slow:
        slow.answer = slow.hang
        settings.AMERCE_OUTBOUND_HOSTS = ["127.0.0.1"]
        endpoint_at(desk.library, slow.url, name="Slow")
        endpoint_at(desk.library, receiver.url, name="Quick")
        for _each in range(6):
            desk.charge(300)
        courier = Courier()

        while len(receiver.got) < 6 or len(slow.got) < 4:
            courier(now=NOON)

        assert not WebhookDelivery.objects.filter(endpoint__name="Slow").exclude(error="").exists(), "none has ended"
        assert len(slow.got) == 4, "not more at once than one endpoint may hold"
        slow.ended.set()
        bring_all(courier=courier)


def test_one_that_does_not_answer_rests_and_is_then_asked_by_one_message_alone(
    desk: Desk,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("amerce.webhooks.courier.TIMEOUT_S", 0.3)
    receiver.answer = receiver.hang
    endpoint_at(desk.library, receiver.url)
    for _each in range(6):
        desk.charge(300)

    bring_all()
    assert len(receiver.got) == 4
    assert WebhookEndpoint.objects.get().rests_until == NOON + FIRST_WAIT
    assert set(WebhookDelivery.objects.exclude(error="").values_list("error", flat=True)) == {"timeout"}

    bring_all(NOON + timedelta(seconds=5))
    assert len(receiver.got) == 4

    receiver.answer = says()
    courier = Courier()
    courier(now=NOON + FIRST_WAIT)
    assert len(receiver.got) == 5
    bring_all(NOON + FIRST_WAIT, courier)
    assert len(receiver.got) == 10
    assert not WebhookDelivery.objects.exclude(state="delivered").exists()


def test_of_a_huge_answer_the_beginning_is_kept(desk: Desk, receiver: Receiver) -> None:
    receiver.answer = says(200, b"\0\xff" + b"x" * 10_000_000)
    endpoint_at(desk.library, receiver.url)
    desk.charge(300)

    bring_all()

    row = only_delivery()
    assert row.state == "delivered"
    assert row.answer == "\ufffd\ufffd" + "x" * 998


def test_a_name_that_leads_inside_since_it_was_typed_is_not_called(
    desk: Desk,
    receiver: Receiver,
    names: Names,
    settings,  # type: ignore[no-untyped-def]
) -> None:
    settings.AMERCE_OUTBOUND_HOSTS = []
    endpoint_at(desk.library, f"https://hooks.example:{receiver.port}/")
    names.lead("hooks.example", ["127.0.0.1"])
    desk.charge(300)

    bring_all()

    assert receiver.got == []
    assert (only_delivery().state, only_delivery().error) == ("waiting", "private")


def test_while_both_secrets_are_valid_a_message_is_signed_by_both(desk: Desk, receiver: Receiver) -> None:
    endpoint = endpoint_at(desk.library, receiver.url)
    endpoint.sealed_secret, endpoint.sealed_old_secret = seal("n" * 30), seal(SECRET)
    endpoint.old_secret_until = NOON + timedelta(hours=24)
    endpoint.save()
    for days in (0, 1):
        desk.charge(300)
        bring_all(NOON + timedelta(days=days))

    counts = [len(each.headers["Amerce-Signature"].split(",")) for each in receiver.got]
    assert counts == [2, 1]


def test_a_secret_that_another_key_sealed_fails_visibly(desk: Desk, receiver: Receiver) -> None:
    endpoint = endpoint_at(desk.library, receiver.url)
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(sealed_secret="not of this key")
    desk.charge(300)

    bring_all()

    assert receiver.got == []
    assert (only_delivery().state, only_delivery().error) == ("waiting", "secret")


def test_without_its_secret_the_backlog_of_an_endpoint_is_not_walked_through(desk: Desk, receiver: Receiver) -> None:
    endpoint = endpoint_at(desk.library, receiver.url)
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(sealed_secret="not of this key")
    due_of(endpoint, 150)

    Courier()(now=NOON)

    assert WebhookDelivery.objects.filter(attempts=1).count() == 1


def test_a_disabled_endpoint_is_sent_nothing_until_it_is_enabled(desk: Desk, receiver: Receiver) -> None:
    endpoint = endpoint_at(desk.library, receiver.url)
    desk.charge(300)
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(is_enabled=False)
    bring_all()
    assert receiver.got == []

    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(is_enabled=True)
    bring_all()
    assert len(receiver.got) == 1


def test_what_a_killed_worker_had_on_its_way_is_sent_again_under_the_same_id(
    desk: Desk,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given a worker that is killed while the receiver has the message and did not answer
    monkeypatch.setenv("AMERCE_OUTBOUND_HOSTS", "127.0.0.1")
    receiver.answer = receiver.hang
    endpoint_at(desk.library, receiver.url)
    desk.charge(300)
    killed = amerce("work")
    wait_for(lambda: bool(receiver.got))
    killed.send_signal(signal.SIGKILL)
    killed.communicate()

    # then its mark stands
    row = only_delivery()
    assert (row.state, row.attempts) == ("sending", 1)

    # when its time is over
    receiver.answer = says()
    taken_at = row.last_at
    bring_all(taken_at + LEASE - timedelta(seconds=1))
    assert len(receiver.got) == 1
    bring_all(taken_at + LEASE)

    # then
    assert len(receiver.got) == 2
    assert receiver.got[0].headers["Amerce-Delivery"] == receiver.got[1].headers["Amerce-Delivery"]
    assert receiver.got[0].body == receiver.got[1].body
    assert (only_delivery().state, only_delivery().attempts) == ("delivered", 2)


def test_two_couriers_do_not_send_the_same(desk: Desk, receiver: Receiver) -> None:
    endpoint_at(desk.library, receiver.url)
    for _each in range(8):
        desk.charge(300)
    couriers = [Courier(), Courier()]

    while any(each.is_out for each in couriers) or WebhookDelivery.objects.exclude(state="delivered").exists():
        for each in couriers:
            each(now=NOON)

    assert len(receiver.got) == len({each.headers["Amerce-Delivery"] for each in receiver.got}) == 8


def test_the_log_is_forgotten_after_thirty_days_but_what_waits_is_not(desk: Desk, receiver: Receiver) -> None:
    endpoint_at(desk.library, receiver.url)
    for _each in range(2):
        desk.charge(300)
    done, waiting = WebhookDelivery.objects.order_by("pk")
    WebhookDelivery.objects.filter(pk=done.pk).update(state="failed")
    WebhookDelivery.objects.filter(pk=waiting.pk).update(next_at=NOON + timedelta(days=60))

    Courier()(now=NOON + KEPT + timedelta(seconds=1))

    assert list(WebhookDelivery.objects.all()) == [waiting]


def test_an_idle_courier_asks_one_question(desk: Desk) -> None:
    courier = Courier()
    courier(now=NOON)
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        assert courier(now=NOON) is False
    assert len(queries) == 1
