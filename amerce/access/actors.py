"""The one who acts, as every command takes it.

Why a value and not the request or a thread-local: a command must be callable from a page, a wire, a job
and a test in the same way, and must not find out by itself who called it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from amerce.access.models import Account, RoleAssignment
from amerce.access.privileges import ROLES, Privilege

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

    ``grants`` maps a privilege to the libraries in which it holds; ``EVERYWHERE`` in it means all.
    """

    account_id: int | None
    institution_id: int
    name: str
    place: Place | None = None
    grants: Mapping[Privilege, frozenset[int | None]] = field(default_factory=dict)

    @property
    def library_id(self) -> int | None:
        return self.place.library_id if self.place else None

    @property
    def desk_id(self) -> int | None:
        return self.place.desk_id if self.place else None


def actor_for(account: Account, place: Place | None) -> Actor:
    """The actor that ``account`` is while working at ``place``. A role nobody knows gives nothing. One query."""
    grants: dict[Privilege, frozenset[int | None]] = {}
    held = RoleAssignment.objects.filter(account=account, institution_id=account.institution_id)
    for role, library_id in held.values_list("role", "library_id"):
        for privilege in ROLES[role].privileges if role in ROLES else ():
            grants[privilege] = grants.get(privilege, frozenset()) | {library_id}
    return Actor(account.pk, account.institution_id, account.username, place, grants)


def system_actor(institution_id: int, name: str, *privileges: Privilege) -> Actor:
    """A job or an import at work in an institution, holding just the ``privileges`` it names."""
    return Actor(None, institution_id, name, None, {each: frozenset({EVERYWHERE}) for each in privileges})
