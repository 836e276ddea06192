"""Endpoints of a receiver on this machine, and a courier that is waited for."""

import json
from datetime import datetime
from typing import Any

from amerce.webhooks.courier import Courier
from amerce.webhooks.endpoints import EndpointFacts, save_endpoint
from amerce.webhooks.kinds import Kind
from amerce.webhooks.models import WebhookDelivery, WebhookEndpoint
from tests.access.changing import administrator
from tests.outbound.receiver import Receiver
from tests.world import NOON, Library

SECRET = "whsec_only-for-tests-0123456789"


def endpoint_at(library: Library, url: str, *events: str, name: str = "Campus", **facts: Any) -> WebhookEndpoint:
    """An endpoint that asks for ``events``, without any for all."""
    said = EndpointFacts(name=name, url=url, events=events or tuple(Kind.values), **facts)
    saved = save_endpoint(actor=administrator(library), at=NOON, facts=said, secret=SECRET)
    return WebhookEndpoint.objects.get(pk=saved.endpoint_id)


def bring_all(now: datetime = NOON, courier: Courier | None = None) -> None:
    """Run the errand until nothing is due and nothing on its way."""
    courier = courier or Courier()
    while courier(now=now) or courier.is_out:
        pass


def bodies(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(each.body) for each in receiver.got]


def only_delivery() -> WebhookDelivery:
    return WebhookDelivery.objects.get()
