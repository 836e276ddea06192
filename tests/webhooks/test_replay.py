"""Sending again what was sent, and sending a test."""

from datetime import timedelta

import pytest

from amerce.access.can import NotAllowed
from amerce.events.models import Event
from amerce.inputs.errors import RowNotFound
from amerce.webhooks.models import WebhookDelivery, WebhookEndpoint
from amerce.webhooks.replay import EndpointDisabled, StillOnTheWay, replay_delivery, replay_failed, send_test
from tests.access.changing import administrator
from tests.charges.acts import Desk
from tests.outbound.receiver import Receiver, says
from tests.webhooks.telling import bodies, bring_all, endpoint_at, only_delivery
from tests.world import NOON, Library

pytestmark = pytest.mark.money
LATER = NOON + timedelta(days=4)


def who(library: Library) -> dict[str, object]:
    return {"actor": administrator(library), "at": LATER}


def test_what_failed_is_sent_again_under_its_old_id(desk: Desk, receiver: Receiver) -> None:
    # given
    receiver.answer = says(500)
    endpoint = endpoint_at(desk.library, receiver.url)
    for _each in range(2):
        desk.charge(300)
    bring_all(LATER)
    assert {each.state for each in WebhookDelivery.objects.all()} == {"failed"}
    receiver.answer = says()

    # when
    count = replay_failed(**who(desk.library), endpoint_id=endpoint.pk)
    bring_all(LATER)

    # then
    assert count == 2
    assert {(each.state, each.attempts, each.since) for each in WebhookDelivery.objects.all()} == {
        ("delivered", 1, LATER)
    }
    ids = [each["id"] for each in bodies(receiver)]
    assert sorted(ids[:2]) == sorted(ids[2:])
    assert Event.objects.get(name="webhook.replayed").data == {"row": endpoint.pk, "count": 2}
    assert replay_failed(**who(desk.library), endpoint_id=endpoint.pk) == 0


def test_what_was_delivered_is_sent_again_when_asked_for(desk: Desk, receiver: Receiver) -> None:
    endpoint_at(desk.library, receiver.url)
    desk.charge(300)
    bring_all()

    replay_delivery(**who(desk.library), delivery_id=only_delivery().pk)
    bring_all(LATER)

    assert receiver.got[0].body == receiver.got[1].body


def test_what_is_still_on_the_way_or_of_others_is_not_sent_again(desk: Desk) -> None:
    endpoint = endpoint_at(desk.library, "https://hooks.example/")
    desk.charge(300)
    row = only_delivery()

    with pytest.raises(StillOnTheWay):
        replay_delivery(**who(desk.library), delivery_id=row.pk)
    with pytest.raises(NotAllowed):
        replay_delivery(actor=desk.manager, at=LATER, delivery_id=row.pk)
    other = Library.new("OTHER")
    for act in (
        lambda: replay_delivery(**who(other), delivery_id=row.pk),
        lambda: replay_failed(**who(other), endpoint_id=endpoint.pk),
        lambda: send_test(**who(other), endpoint_id=endpoint.pk),
    ):
        with pytest.raises(RowNotFound):
            act()
    WebhookDelivery.objects.update(state="failed")
    WebhookEndpoint.objects.update(is_enabled=False)
    for act in (
        lambda: replay_delivery(**who(desk.library), delivery_id=row.pk),
        lambda: replay_failed(**who(desk.library), endpoint_id=endpoint.pk),
        lambda: send_test(**who(desk.library), endpoint_id=endpoint.pk),
    ):
        with pytest.raises(EndpointDisabled):
            act()
    assert WebhookDelivery.objects.get().state == "failed"
    assert not Event.objects.filter(name__in=["webhook.replayed", "webhook.tested"]).exists()


def test_a_test_is_sent_whatever_the_endpoint_asks_for(desk: Desk, receiver: Receiver) -> None:
    endpoint = endpoint_at(desk.library, receiver.url, "block.set")

    delivery_id = send_test(**who(desk.library), endpoint_id=endpoint.pk)
    send_test(**who(desk.library), endpoint_id=endpoint.pk)
    bring_all(LATER)

    assert WebhookDelivery.objects.get(pk=delivery_id).state == "delivered"
    body = bodies(receiver)[0]
    assert (body["event"], body["patron"], body["institution"]) == ("webhook.test", None, "MAIN")
    assert len(receiver.got) == 2
