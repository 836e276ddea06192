"""Who signed in, who was refused, and what was changed of roles and accounts."""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.models import Account
from amerce.access.privileges import Privilege
from amerce.events.models import Event
from amerce.inputs.checks import can_be_stored, possible_ids


def security_events(
    actor: Actor, names: Collection[str], *, username: str = "", before_id: int | None = None
) -> QuerySet[Event]:
    """The events of these names, the newest first; from ``before_id`` on the older ones.

    With ``username`` those that this account made or that were made to it; none if nobody has that name.
    """
    require_for(actor, Privilege.EVENT_VIEW, EVERYWHERE)
    events = Event.objects.filter(institution_id=actor.institution_id, name__in=names).order_by("-id")
    if before_id is not None:
        events = events.filter(id__lt=before_id) if possible_ids([before_id]) else events.none()
    if not username:
        return events
    if not can_be_stored(username):
        return events.none()
    mine = Account.objects.filter(institution_id=actor.institution_id, username=username.strip().casefold())
    account = mine.first()
    if account is None:
        return events.none()
    of_accounts = Q(name__startswith="account.") | Q(name="second_factor.reset")
    about = Q(data__row=account.pk) | Q(data__account=account.pk)
    return events.filter(Q(actor_id=account.pk) | (of_accounts & about))
