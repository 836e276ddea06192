"""Whether an institution takes part in the fulfilment network: lets others ask, and asks others."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.events.record import record
from amerce.inputs.stamp import require_unchanged
from amerce.institutions.configuring import locked_institution
from amerce.network.models import NetworkSettings

CHANGED = "network_settings.changed"


@dataclass(frozen=True)
class NetworkSaid:
    """``shares``: members of this installation may see what our patrons owe here. ``asks``: we ask our members."""

    shares: bool = False
    asks: bool = False


def network_settings(institution_id: int) -> NetworkSaid:
    """The settings of an institution. One query."""
    row = NetworkSettings.objects.filter(institution_id=institution_id).values_list("shares", "asks").first()
    return NetworkSaid(*row) if row else NetworkSaid()


def save_network_settings(
    *, actor: Actor, at: datetime, settings: NetworkSaid, expected_stamp: str | None = None
) -> bool:
    """Make the settings say ``settings``; false when they did already. Raises ``NotAllowed``, ``OutOfDate``."""
    require_for(actor, Privilege.INSTITUTION_CONFIGURE, EVERYWHERE)
    with transaction.atomic():
        locked_institution(actor)
        before = network_settings(actor.institution_id)
        if settings == before:
            return False
        require_unchanged(before, expected_stamp)
        NetworkSettings.objects.update_or_create(
            institution_id=actor.institution_id,
            defaults={**asdict(settings), "updated_by": actor.name, "updated_at": at},
        )
        data = {"row": actor.institution_id, "before": asdict(before), "after": asdict(settings)}
        record(CHANGED, actor=actor, at=at, data=data)
    return True
