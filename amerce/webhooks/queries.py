"""Reading endpoints and the log of what they were told."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.inputs.checks import possible_ids
from amerce.inputs.errors import RowNotFound
from amerce.webhooks.models import WebhookDelivery, WebhookEndpoint

_State = WebhookDelivery.State
OPEN = (_State.WAITING, _State.SENDING)


@dataclass(frozen=True)
class EndpointRow:
    """An endpoint with how many messages wait and how many failed for good."""

    endpoint: WebhookEndpoint
    waiting: int
    failed: int


def endpoints(actor: Actor) -> list[EndpointRow]:
    """Every endpoint by name. Two queries. Raises ``NotAllowed``."""
    rows = list(_endpoints(actor).order_by("name"))
    counts = (
        WebhookDelivery.objects.filter(institution_id=actor.institution_id)
        .exclude(state=_State.DELIVERED)
        .values("endpoint_id")
        .annotate(waiting=Count("pk", filter=Q(state__in=OPEN)), failed=Count("pk", filter=Q(state=_State.FAILED)))
        .order_by()
    )
    by_endpoint = {each["endpoint_id"]: each for each in counts}
    none = {"waiting": 0, "failed": 0}
    found = [(row, by_endpoint.get(row.pk, none)) for row in rows]
    return [EndpointRow(row, count["waiting"], count["failed"]) for row, count in found]


def get_endpoint(actor: Actor, endpoint_id: int) -> WebhookEndpoint:
    """Raises ``NotAllowed``, ``RowNotFound``."""
    found = _endpoints(actor).filter(pk__in=possible_ids([endpoint_id])).first()
    if found is None:
        raise RowNotFound(endpoint_id)
    return found


def deliveries(
    actor: Actor, endpoint_id: int, state: str = "", before_id: int | None = None
) -> QuerySet[WebhookDelivery]:
    """What the endpoint was sent, newest first: those in ``state`` if it is one, older than ``before_id`` if given."""
    require_for(actor, Privilege.INSTITUTION_CONFIGURE, EVERYWHERE)
    rows = WebhookDelivery.objects.filter(institution_id=actor.institution_id, endpoint_id=endpoint_id)
    if state in _State.values:
        rows = rows.filter(state=state)
    if before_id is not None:
        rows = rows.filter(pk__lt=before_id) if possible_ids([before_id]) else rows.none()
    return rows.order_by("-pk")


def get_delivery(actor: Actor, delivery_id: int) -> WebhookDelivery:
    """With its endpoint. Raises ``NotAllowed``, ``RowNotFound``."""
    require_for(actor, Privilege.INSTITUTION_CONFIGURE, EVERYWHERE)
    mine = WebhookDelivery.objects.filter(institution_id=actor.institution_id, pk__in=possible_ids([delivery_id]))
    found = mine.select_related("endpoint").first()
    if found is None:
        raise RowNotFound(delivery_id)
    return found


def _endpoints(actor: Actor) -> QuerySet[WebhookEndpoint]:
    require_for(actor, Privilege.INSTITUTION_CONFIGURE, EVERYWHERE)
    return WebhookEndpoint.objects.filter(institution_id=actor.institution_id)
