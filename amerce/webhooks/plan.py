"""What follows from an event: a delivery for each endpoint that asks for it, sent by the worker (``courier.py``)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from amerce.access.actors import system_actor
from amerce.access.privileges import Privilege
from amerce.events.handlers import Handler
from amerce.events.models import Event
from amerce.institutions.models import Institution
from amerce.sql import insert
from amerce.webhooks import balance_blocks
from amerce.webhooks.kinds import BLOCKS
from amerce.webhooks.listening import listens
from amerce.webhooks.messages import Message, of_block, of_money
from amerce.webhooks.models import WebhookDelivery, WebhookEndpoint


def deliveries_of(messages: Sequence[Message], endpoint: WebhookEndpoint, event_id: int | None, at: datetime) -> None:
    """Write a delivery of each message that is due at once."""
    rows = []
    for message in messages:
        uid = uuid4()
        rows.append(
            WebhookDelivery(
                institution_id=endpoint.institution_id,
                endpoint=endpoint,
                uid=uid,
                kind=message.kind,
                event_id=event_id,
                body=message.body(str(uid)),
                created_at=at,
                since=at,
                next_at=at,
            )
        )
    insert(rows)


def _handle(event: Event, at: datetime) -> None:
    assert event.institution_id is not None, "only institutions listen"
    endpoints = list(WebhookEndpoint.objects.filter(institution_id=event.institution_id, is_enabled=True))
    wanted = {each for endpoint in endpoints for each in endpoint.events}
    if not wanted:
        return
    institution = Institution.objects.get(pk=event.institution_id)
    messages = [each for each in _messages(event, institution, wanted, at) if each.kind in wanted]
    for endpoint in endpoints:
        deliveries_of([each for each in messages if each.kind in endpoint.events], endpoint, event.pk, at)


def _messages(event: Event, institution: Institution, wanted: set[str], at: datetime) -> list[Message]:
    if event.name in balance_blocks.KINDS:
        said = balance_blocks.in_a_message(event.data[balance_blocks.SAYS], institution.currency)
        return [of_block(balance_blocks.KINDS[event.name], event, institution, said)]
    if event.name in BLOCKS:
        block = {"kind": "manual", "id": str(event.data["block"]), "type": event.data["type"]}
        return [of_block(event.name, event, institution, block)]
    if not event.data.get("lines"):
        return []
    if wanted & BLOCKS and event.patron_id:
        actor = system_actor(institution.pk, WEBHOOKS.name, Privilege.PATRON_VIEW)
        changes = balance_blocks.changes_of(institution, [event.patron_id], at)
        balance_blocks.tell(actor, institution, changes, at)
    return of_money(event, institution)


WEBHOOKS = Handler(
    name="webhooks",
    events=None,
    wants=lambda data: bool(data.get("lines")) or "block" in data or balance_blocks.SAYS in data,
    handle=_handle,
    listens=listens,
)
