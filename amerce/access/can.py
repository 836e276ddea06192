"""The one question of access, asked first in every command."""

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.privileges import Privilege
from amerce.inputs.errors import Refused


class NotAllowed(Exception):
    """``actor`` lacks ``privilege`` where they work."""

    def __init__(self, actor: Actor, privilege: Privilege) -> None:
        super().__init__(f"{actor.name} lacks {privilege}")
        self.actor = actor
        self.privilege = privilege


class AboveCeiling(Refused):
    """``actor`` holds ``privilege``, up to ``ceiling_minor`` at once, which ``amount_minor`` is above."""

    field = "amount"

    def __init__(self, privilege: Privilege, amount_minor: int, ceiling_minor: int) -> None:
        super().__init__(f"{privilege} goes up to {ceiling_minor}, not {amount_minor}")
        self.privilege = privilege
        self.amount_minor = amount_minor
        self.ceiling_minor = ceiling_minor


def can(actor: Actor, privilege: Privilege) -> bool:
    """Whether ``actor`` holds ``privilege`` in the library where they work now."""
    scope = actor.grants.get(privilege, frozenset())
    return EVERYWHERE in scope or (actor.library_id is not None and actor.library_id in scope)


def require_for(actor: Actor, privilege: Privilege, library_id: int | None) -> None:
    """Raise ``NotAllowed`` unless ``actor`` holds ``privilege`` for that library too, or for all with ``EVERYWHERE``.

    For what is changed elsewhere than where somebody works: settings of a library, or of the whole institution.
    """
    if not can_for(actor, privilege, library_id):
        raise NotAllowed(actor, privilege)


def can_for(actor: Actor, privilege: Privilege, library_id: int | None) -> bool:
    """What ``require_for`` asks: whether a page shows a way to change something there."""
    return can(actor, privilege) and bool({EVERYWHERE, library_id} & actor.grants[privilege])


def require(actor: Actor, privilege: Privilege) -> None:
    """Raise ``NotAllowed`` unless ``can``."""
    if not can(actor, privilege):
        raise NotAllowed(actor, privilege)


def ceiling_minor(actor: Actor, privilege: Privilege) -> int | None:
    """How far ``privilege`` goes at once where ``actor`` works now, in minor units; None without a ceiling.

    The highest counts of what the roles say. For a privilege that is not held the answer means nothing.
    """
    scopes = {EVERYWHERE, actor.library_id} & actor.grants.get(privilege, frozenset())
    ceilings = [actor.ceilings.get((privilege, scope)) for scope in scopes]
    known = [each for each in ceilings if each is not None]
    return max(known) if known and len(known) == len(ceilings) else None


def require_amount(actor: Actor, privilege: Privilege, amount_minor: int) -> None:
    """Raise ``AboveCeiling`` if one command would move more than ``privilege`` goes to. It was asked for before."""
    ceiling = ceiling_minor(actor, privilege)
    if ceiling is not None and amount_minor > ceiling:
        raise AboveCeiling(privilege, amount_minor, ceiling)
