"""The one question of access, asked first in every command."""

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.privileges import Privilege


class NotAllowed(Exception):
    """``actor`` lacks ``privilege`` where they work."""

    def __init__(self, actor: Actor, privilege: Privilege) -> None:
        super().__init__(f"{actor.name} lacks {privilege}")
        self.actor = actor
        self.privilege = privilege


def can(actor: Actor, privilege: Privilege) -> bool:
    """Whether ``actor`` holds ``privilege`` in the library where they work now."""
    scope = actor.grants.get(privilege, frozenset())
    return EVERYWHERE in scope or (actor.library_id is not None and actor.library_id in scope)


def require(actor: Actor, privilege: Privilege) -> None:
    """Raise ``NotAllowed`` unless ``can``."""
    if not can(actor, privilege):
        raise NotAllowed(actor, privilege)
