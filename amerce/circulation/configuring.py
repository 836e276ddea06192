"""Who may configure circulation."""

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import can_for, require_for
from amerce.access.privileges import Privilege


def may_configure(actor: Actor, library_id: int | None = EVERYWHERE) -> None:
    """Raise ``NotAllowed`` for who may not configure that library, or without one the whole institution."""
    require_for(actor, Privilege.FULFILLMENT_CONFIGURE, library_id)


def can_configure(actor: Actor, library_id: int | None = EVERYWHERE) -> bool:
    """What ``may_configure`` asks, for a page that shows only what can be changed."""
    return can_for(actor, Privilege.FULFILLMENT_CONFIGURE, library_id)
