"""Sending again what was sent, and sending a test."""

from datetime import datetime

from django.db import transaction

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.events.record import record
from amerce.inputs.checks import possible_ids
from amerce.inputs.errors import Refused, RowNotFound
from amerce.institutions.models import Institution
from amerce.institutions.rows import own_row
from amerce.webhooks.kinds import TEST
from amerce.webhooks.messages import of_test
from amerce.webhooks.models import WebhookDelivery, WebhookEndpoint
from amerce.webhooks.plan import deliveries_of

REPLAYED_AT_ONCE = 5000
_State = WebhookDelivery.State


class EndpointDisabled(Refused):
    """Nothing is sent to an endpoint that is not enabled."""


class StillOnTheWay(Refused):
    """It waits to be sent, or is being sent, so there is nothing to send again."""


def replay_delivery(*, actor: Actor, at: datetime, delivery_id: int) -> None:
    """Send a delivery again, under its old id, whether it failed or was delivered.

    Raises ``NotAllowed``, ``RowNotFound``, ``EndpointDisabled``, ``StillOnTheWay``.
    """
    require_for(actor, Privilege.INSTITUTION_CONFIGURE, EVERYWHERE)
    with transaction.atomic():
        mine = WebhookDelivery.objects.filter(institution_id=actor.institution_id, pk__in=possible_ids([delivery_id]))
        row = mine.select_for_update(of=("self",)).select_related("endpoint").first()
        if row is None:
            raise RowNotFound(delivery_id)
        if not row.endpoint.is_enabled:
            raise EndpointDisabled
        if row.state in (_State.WAITING, _State.SENDING):
            raise StillOnTheWay
        mine.update(state=_State.WAITING, attempts=0, since=at, next_at=at)
        _record(actor, at, row.endpoint_id, 1)


def replay_failed(*, actor: Actor, at: datetime, endpoint_id: int) -> int:
    """Send again what failed for good, the oldest first; says how many, at most ``REPLAYED_AT_ONCE``.

    Raises ``NotAllowed``, ``RowNotFound``, ``EndpointDisabled``.
    """
    require_for(actor, Privilege.INSTITUTION_CONFIGURE, EVERYWHERE)
    with transaction.atomic():
        endpoint = _enabled(actor, endpoint_id)
        failed = WebhookDelivery.objects.filter(endpoint=endpoint, state=_State.FAILED).order_by("pk")
        oldest = failed.values("pk")[:REPLAYED_AT_ONCE]
        again = WebhookDelivery.objects.filter(pk__in=oldest, state=_State.FAILED)
        count = again.update(state=_State.WAITING, attempts=0, since=at, next_at=at)
        if count:
            _record(actor, at, endpoint.pk, count)
    return count


def send_test(*, actor: Actor, at: datetime, endpoint_id: int) -> int:
    """Send the endpoint a message about nothing; answers the id of its delivery.

    Raises ``NotAllowed``, ``RowNotFound``, ``EndpointDisabled``.
    """
    require_for(actor, Privilege.INSTITUTION_CONFIGURE, EVERYWHERE)
    with transaction.atomic():
        endpoint = _enabled(actor, endpoint_id)
        institution = Institution.objects.get(pk=actor.institution_id)
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(rests_until=None)  # who tries it does not want to wait
        deliveries_of([of_test(at, institution, TEST)], endpoint, None, at)
        record("webhook.tested", actor=actor, at=at, data={"row": endpoint.pk})
        newest = WebhookDelivery.objects.filter(endpoint=endpoint, kind=TEST).order_by("-pk")
        return newest.values_list("pk", flat=True)[0]


def _enabled(actor: Actor, endpoint_id: int) -> WebhookEndpoint:
    endpoint = own_row(WebhookEndpoint, actor, endpoint_id)
    if endpoint is None:
        raise RowNotFound(endpoint_id)
    if not endpoint.is_enabled:
        raise EndpointDisabled
    return endpoint


def _record(actor: Actor, at: datetime, endpoint_id: int, count: int) -> None:
    record("webhook.replayed", actor=actor, at=at, data={"row": endpoint_id, "count": count})
