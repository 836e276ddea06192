"""The one who acts, as every command takes it.

Why a value and not the request or a thread-local: a command must be callable from a page, a wire, a job
and a test in the same way, and must not find out by itself who called it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import OuterRef, Subquery

from amerce.access.models import Account, Role, RoleAssignment
from amerce.access.privileges import Privilege
from amerce.access.roles import default_privileges, read_privileges

EVERYWHERE = None
"""The scope of a role that is not tied to one library."""


@dataclass(frozen=True)
class Place:
    """Where somebody works: a library and, unless they are "not at desk", one of its circulation desks."""

    library_id: int
    desk_id: int | None


@dataclass(frozen=True)
class Actor:
    """Somebody, or the system itself (``account_id`` None), at work in one institution.

    ``grants`` maps a privilege to the libraries in which it holds; ``EVERYWHERE`` in it means all. ``ceilings`` has,
    in minor units, how far it goes in those of them where every role that gives it sets one. ``is_application`` is a
    program with an API key (``access.key_actor``), which is at no desk; ``key_id`` is its key.
    """

    account_id: int | None
    institution_id: int
    name: str
    place: Place | None = None
    grants: Mapping[Privilege, frozenset[int | None]] = field(default_factory=dict)
    ceilings: Mapping[tuple[Privilege, int | None], int] = field(default_factory=dict)
    is_application: bool = False
    key_id: int | None = None

    @property
    def library_id(self) -> int | None:
        return self.place.library_id if self.place else None

    @property
    def bound_to_library_id(self) -> int | None:
        """The one library to which a program is held by its key; None for who sees all of them."""
        return self.library_id if self.is_application else None

    @property
    def desk_id(self) -> int | None:
        return self.place.desk_id if self.place else None


def actor_for(account: Account, place: Place | None) -> Actor:
    """The actor that ``account`` is while working at ``place``. A role nobody knows gives nothing. One query."""
    held = RoleAssignment.objects.filter(account=account, institution_id=account.institution_id)
    changed = Role.objects.filter(institution_id=OuterRef("institution_id"), code=OuterRef("role"))
    held = held.annotate(privileges=Subquery(changed.values("privileges")))
    given: dict[tuple[Privilege, int | None], list[int | None]] = {}
    for role, scope, kept in held.values_list("role", "library_id", "privileges"):
        privileges = default_privileges(role) if kept is None else read_privileges(kept)
        for privilege, limit_minor in privileges.items():
            given.setdefault((privilege, scope), []).append(limit_minor)
    grants: dict[Privilege, frozenset[int | None]] = {}
    ceilings: dict[tuple[Privilege, int | None], int] = {}
    for (privilege, library_id), limits in given.items():
        grants[privilege] = grants.get(privilege, frozenset()) | {library_id}
        known = [each for each in limits if each is not None]
        if len(known) == len(limits):
            ceilings[privilege, library_id] = max(known)
    return Actor(account.pk, account.institution_id, account.username, place, grants, ceilings)


def system_actor(institution_id: int, name: str, *privileges: Privilege) -> Actor:
    """A job or an import at work in an institution, holding just the ``privileges`` it names."""
    return Actor(None, institution_id, name, None, {each: frozenset({EVERYWHERE}) for each in privileges})
