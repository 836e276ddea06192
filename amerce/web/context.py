"""What every template knows about the one who is signed in."""

from functools import partial
from typing import Any

from django.http import HttpRequest

from amerce.access.actors import Actor
from amerce.access.can import can
from amerce.access.privileges import Privilege
from amerce.web.menu import menu_of


def staff(request: HttpRequest) -> dict[str, Any]:
    """``institution``, ``actor``, ``place`` and ``can``, in which ``fee.waive`` is asked as ``can.fee_waive``.

    ``menu`` is where they can go; it is made when a template asks for it.

    Nothing for an anonymous request.
    """
    actor = getattr(request, "actor", None)
    if actor is None:
        return {}
    return {
        "institution": request.institution,  # type: ignore[attr-defined]
        "actor": actor,
        "place": request.place,  # type: ignore[attr-defined]
        "can": _allowed(actor),
        "menu": partial(menu_of, request, actor),
    }


def _allowed(actor: Actor) -> dict[str, bool]:
    return {each.value.replace(".", "_"): can(actor, each) for each in Privilege}
