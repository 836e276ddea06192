"""Giving a built-in role back the name and the privileges it came with (row F2)."""

from datetime import datetime

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.locked import locked_access
from amerce.access.models import Role
from amerce.access.privileges import ROLES, Privilege
from amerce.access.roles import default_privileges, roles_of
from amerce.access.save_role import RoleSaid, RoleSaved, found_role, record_role
from amerce.inputs.errors import Refused
from amerce.inputs.stamp import require_unchanged


class NoDefault(Refused):
    """The institution made this role itself, so there is nothing to go back to."""


def restore_role(*, actor: Actor, at: datetime, code: str, expected_stamp: str | None = None) -> RoleSaved:
    """Make the built-in role ``code`` as it came; one that is so already is left alone.

    ``expected_stamp`` is that of ``RoleSaid.of`` when the page was made. Raises ``NotAllowed``, ``RowNotFound``,
    ``OutOfDate``, ``NoDefault``, ``NobodyLeft``.
    """
    require_for(actor, Privilege.ROLE_EDIT, EVERYWHERE)
    with locked_access(actor):
        role = found_role(roles_of(actor.institution_id), code)
        if not role.is_built_in:
            raise NoDefault(code)
        if not role.is_changed:
            return RoleSaved(code, is_changed=False)
        before = RoleSaid.of(role)
        require_unchanged(before, expected_stamp)
        Role.objects.filter(institution_id=actor.institution_id, code=code).delete()
        record_role(actor, at, code, before, role_default(code), is_restored=True)
    return RoleSaved(code, is_changed=True)


def role_default(code: str) -> RoleSaid:
    """What the built-in role ``code`` says in the code."""
    return RoleSaid(label=str(ROLES[code].label), privileges=default_privileges(code))
