"""Taking a closing out of the calendar (row C5).

Why the entry stays: days of it that have passed were closed, and fines were reckoned so. Only days from today on are
open again.
"""

from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.circulation.configuring import may_configure
from amerce.circulation.models import CalendarException
from amerce.circulation.policy_errors import AlreadyRemoved
from amerce.events.record import record
from amerce.inputs.checks import possible_ids
from amerce.inputs.errors import RowNotFound
from amerce.institutions.configuring import locked_institution
from amerce.institutions.days import local_day


def remove_closure(*, actor: Actor, at: datetime, closure_id: int) -> None:
    """Have the days of the closing from today on open again; those before stay closed, so no fine changes.

    Raises ``NotAllowed``, ``RowNotFound``, ``AlreadyRemoved``.
    """
    require(actor, Privilege.FULFILLMENT_CONFIGURE)
    with transaction.atomic():
        institution = locked_institution(actor)
        closure = CalendarException.objects.filter(institution=institution, pk__in=possible_ids([closure_id])).first()
        if closure is None:
            raise RowNotFound(closure_id)
        may_configure(actor, closure.library_id)
        if closure.removed_on is not None:
            raise AlreadyRemoved(closure_id)
        before = _days(closure)
        closure.removed_on = local_day(at, institution.zone)
        closure.removed_at, closure.removed_by = at, actor.name
        closure.save(update_fields=["removed_on", "removed_at", "removed_by"])
        data = {"closure": closure.pk, "library": closure.library_id, "before": before, "after": _days(closure)}
        record("calendar.changed", actor=actor, at=at, data=data)


def _days(closure: CalendarException) -> dict[str, str | None]:
    return {
        "first_on": closure.first_on.isoformat(),
        "last_on": closure.last_on.isoformat(),
        "removed_on": closure.removed_on.isoformat() if closure.removed_on else None,
    }
