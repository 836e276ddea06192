"""Removing a role of the institution's own (row F2). A built-in one can be restored, not removed."""

from datetime import datetime

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.locked import locked_access
from amerce.access.models import Role, RoleAssignment
from amerce.access.privileges import Privilege
from amerce.access.roles import roles_of
from amerce.access.save_role import RoleSaid, found_role, record_role
from amerce.inputs.errors import Refused
from amerce.inputs.stamp import require_unchanged


class RoleIsBuiltIn(Refused):
    """Every institution has this role."""


class RoleHeld(Refused):
    """``accounts`` people hold the role. It is taken from them first: nobody loses by surprise what they may."""

    def __init__(self, accounts: int) -> None:
        super().__init__("1 account holds it" if accounts == 1 else f"{accounts} accounts hold it")
        self.accounts = accounts


def remove_role(*, actor: Actor, at: datetime, code: str, expected_stamp: str | None = None) -> None:
    """Remove the role ``code``, which nobody holds, not even somebody who cannot sign in.

    ``expected_stamp`` is that of ``RoleSaid.of`` when the page was made. Raises ``NotAllowed``, ``RowNotFound``,
    ``OutOfDate``, ``RoleIsBuiltIn``, ``RoleHeld``.
    """
    require_for(actor, Privilege.ROLE_EDIT, EVERYWHERE)
    with locked_access(actor):
        role = found_role(roles_of(actor.institution_id), code)
        before = RoleSaid.of(role)
        require_unchanged(before, expected_stamp)
        if role.is_built_in:
            raise RoleIsBuiltIn(code)
        held = RoleAssignment.objects.filter(institution_id=actor.institution_id, role=code)
        accounts = held.values("account").distinct().count()
        if accounts:
            raise RoleHeld(accounts)
        Role.objects.filter(institution_id=actor.institution_id, code=code).delete()
        record_role(actor, at, code, before, None)
