"""What every template knows about the one who is signed in."""

from typing import Any

from django.http import HttpRequest

from amerce.access.actors import Actor
from amerce.access.can import can
from amerce.access.privileges import Privilege
from amerce.web.configuration import doors_for


def staff(request: HttpRequest) -> dict[str, Any]:
    """``institution``, ``actor``, ``place`` and ``can``, in which ``fee.waive`` is asked as ``can.fee_waive``.

    ``can.configure`` is whether any page of the configuration is open to them.

    Nothing for an anonymous request.
    """
    actor = getattr(request, "actor", None)
    if actor is None:
        return {}
    return {"institution": request.institution, "actor": actor, "place": request.place, "can": _allowed(actor)}  # type: ignore[attr-defined]


def _allowed(actor: Actor) -> dict[str, bool]:
    allowed = {each.value.replace(".", "_"): can(actor, each) for each in Privilege}
    return {**allowed, "configure": bool(doors_for(actor))}
