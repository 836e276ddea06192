"""The roles of an institution: the built-in ones, as in the code or as it changed them, and its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise

from amerce.access.models import Role
from amerce.access.privileges import NOT_STAFF, ROLES, Privilege

_KNOWN = frozenset(each.value for each in Privilege)


@dataclass(frozen=True)
class RoleFacts:
    """A role as it holds now. ``privileges`` maps each to its ceiling in minor units, None for one without.

    ``is_changed`` is a built-in role that is not as in the code any more.
    """

    code: str
    label: str | Promise
    privileges: Mapping[Privilege, int | None]
    is_built_in: bool
    is_changed: bool = False
    updated_by: str = ""
    updated_at: datetime | None = None


def default_privileges(code: str) -> dict[Privilege, int | None]:
    """What the built-in role gives in the code, none of it with a ceiling; nothing for a role that is not built in."""
    return dict.fromkeys(ROLES[code].privileges) if code in ROLES else {}


def read_privileges(kept: Mapping[str, Any]) -> dict[Privilege, int | None]:
    """What a ``Role`` row gives. A privilege that no command asks for any more is left out."""
    return {Privilege(name): ceiling for name, ceiling in kept.items() if name in _KNOWN}


def roles_of(institution_id: int) -> dict[str, RoleFacts]:
    """Every role by code: the built-in ones in their order, then the institution's own by label. One query."""
    rows = {row.code: row for row in Role.objects.filter(institution_id=institution_id).order_by("label", "code")}
    found = {
        code: RoleFacts(code, role.label, default_privileges(code), is_built_in=True) for code, role in ROLES.items()
    }
    for row in rows.values():
        is_built_in = row.code in ROLES
        found[row.code] = RoleFacts(
            row.code,
            row.label,
            read_privileges(row.privileges),
            is_built_in=is_built_in,
            is_changed=is_built_in,
            updated_by=row.updated_by,
            updated_at=row.updated_at,
        )
    return found


def who_may(institution_id: int, privilege: Privilege, amount_minor: int = 0) -> list[str]:
    """The labels of the roles of staff that allow ``privilege`` for that amount. One query."""
    found = roles_of(institution_id).values()
    may = [role for role in found if privilege in role.privileges and role.code not in NOT_STAFF]
    return [str(role.label) for role in may if _covers(role.privileges[privilege], amount_minor)]


def _covers(ceiling_minor: int | None, amount_minor: int) -> bool:
    return ceiling_minor is None or amount_minor <= ceiling_minor
