"""What somebody may do, and why: each privilege with the roles that give it, and where."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise

from amerce.access.models import Account, RoleAssignment
from amerce.access.privileges import NOT_STAFF, ONLY_JOBS, Privilege
from amerce.access.roles import RoleFacts, roles_of


@dataclass(frozen=True)
class Given:
    """A role that somebody holds. ``library_name`` is None for everywhere, ``ceiling_minor`` None for no ceiling."""

    role_code: str
    role_label: str | Promise
    library_name: str | None
    ceiling_minor: int | None


@dataclass(frozen=True)
class Explained:
    """``given`` is empty for what they may not do; ``who_may`` are the roles of staff that allow it."""

    privilege: Privilege
    given: list[Given]
    who_may: list[RoleFacts]


def explain(account: Account) -> list[Explained]:
    """Every privilege that a role can hold, in the order of ``Privilege``. Two queries.

    Of one that is not active it is what they could do. Who may know is asked by whoever found the account.
    """
    roles = roles_of(account.institution_id)
    held = [(roles[each.role], each.library.name if each.library else None) for each in _held(account, roles)]
    return [
        Explained(
            privilege,
            [
                Given(role.code, role.label, library, role.privileges[privilege])
                for role, library in held
                if privilege in role.privileges
            ],
            [role for role in roles.values() if privilege in role.privileges and role.code not in NOT_STAFF],
        )
        for privilege in Privilege
        if privilege not in ONLY_JOBS
    ]


def _held(account: Account, roles: Mapping[str, RoleFacts]) -> list[RoleAssignment]:
    found = account.roles.filter(institution_id=account.institution_id).select_related("library")
    return [each for each in found.order_by("library__name", "role") if each.role in roles]
