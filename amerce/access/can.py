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


def require_for(actor: Actor, privilege: Privilege, library_id: int | None) -> None:
    """Raise ``NotAllowed`` unless ``actor`` holds ``privilege`` for that library too, or for all with ``EVERYWHERE``.

    For what is changed elsewhere than where somebody works: settings of a library, or of the whole institution.
    """
    require(actor, privilege)
    if not {EVERYWHERE, library_id} & actor.grants[privilege]:
        raise NotAllowed(actor, privilege)


def require(actor: Actor, privilege: Privilege) -> None:
    """Raise ``NotAllowed`` unless ``can``."""
    if not can(actor, privilege):
        raise NotAllowed(actor, privilege)
