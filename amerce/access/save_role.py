"""Making a role of the institution's own, and saying what a role allows and up to which amount (row F2)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.locked import locked_access
from amerce.access.models import Role
from amerce.access.privileges import ONLY_JOBS, WITH_CEILING, Privilege
from amerce.access.roles import RoleFacts, roles_of
from amerce.events.record import record
from amerce.inputs.checks import checked_name
from amerce.inputs.errors import NameTaken, Refused, RowNotFound
from amerce.inputs.stamp import require_unchanged

CHANGED = "role.changed"
UNLIMITED = "unlimited"
CODE_LIMIT = 60
CEILING_LIMIT_MINOR = 10**15
_CODE = re.compile(r"(?!new$)[a-z][a-z0-9_]*")  # "new" is the address of the page that makes one


class RoleCodeMalformed(Refused):
    """A code is of small letters, digits and underscores: it stands in configuration files and in addresses."""

    field = "code"


class PrivilegeNotForRoles(Refused):
    """``privilege`` is held by jobs alone."""

    field = "privileges"


class CeilingOutOfRange(Refused):
    """A ceiling is above zero; ``privilege`` says whose, if that one can have any."""

    field = "ceiling"

    def __init__(self, privilege: Privilege) -> None:
        super().__init__(f"the ceiling of {privilege} is out of range")
        self.privilege = privilege


@dataclass(frozen=True, kw_only=True)
class RoleSaid:
    """What a role says. ``privileges`` maps each to its ceiling in minor units, None for one without."""

    label: str
    privileges: Mapping[Privilege, int | None]

    @classmethod
    def of(cls, role: RoleFacts) -> "RoleSaid":
        return cls(label=str(role.label), privileges=dict(role.privileges))


@dataclass(frozen=True)
class RoleSaved:
    """``is_changed`` is false for a role that said all of it before: then nothing was written."""

    code: str
    is_changed: bool


def add_role(*, actor: Actor, at: datetime, code: str, said: RoleSaid) -> RoleSaved:
    """Make the institution's own role ``code``.

    Raises ``NotAllowed``, ``NameMissing``, ``TextTooLong``, ``TextMalformed``, ``RoleCodeMalformed``, ``NameTaken`` for
    a code or a label that is there, ``PrivilegeNotForRoles``, ``CeilingOutOfRange``.
    """
    require_for(actor, Privilege.ROLE_EDIT, EVERYWHERE)
    code, said = checked_name("code", code, CODE_LIMIT), _checked(said)
    if not _CODE.fullmatch(code):
        raise RoleCodeMalformed(code)
    with locked_access(actor):
        roles = roles_of(actor.institution_id)
        if code in roles:
            raise NameTaken("code", code)
        _require_free(roles, said.label)
        _write(actor, at, code, said)
        record_role(actor, at, code, None, said)
    return RoleSaved(code, is_changed=True)


def save_role(*, actor: Actor, at: datetime, code: str, said: RoleSaid, expected_stamp: str | None = None) -> RoleSaved:
    """Make a role, built-in or the institution's own, say ``said``. It holds from the next page of its holders on.

    ``expected_stamp`` is that of ``RoleSaid.of`` when the page was made. Raises ``NotAllowed``, ``RowNotFound``,
    ``OutOfDate``, ``NobodyLeft``, and what ``add_role`` raises but for the code.
    """
    require_for(actor, Privilege.ROLE_EDIT, EVERYWHERE)
    said = _checked(said)
    with locked_access(actor):
        roles = roles_of(actor.institution_id)
        before = RoleSaid.of(found_role(roles, code))
        if before == said:
            return RoleSaved(code, is_changed=False)
        require_unchanged(before, expected_stamp)
        _require_free({each: role for each, role in roles.items() if each != code}, said.label)
        _write(actor, at, code, said)
        record_role(actor, at, code, before, said)
    return RoleSaved(code, is_changed=True)


def found_role(roles: Mapping[str, RoleFacts], code: str) -> RoleFacts:
    """The role of that code. Raises ``RowNotFound``."""
    if code not in roles:
        raise RowNotFound(code)
    return roles[code]


def record_role(
    actor: Actor, at: datetime, code: str, before: RoleSaid | None, after: RoleSaid | None, **more: Any
) -> None:
    """The event: what the role said before and says now, None where it was not or is no more."""
    plain_before, plain_after = before and as_recorded(before), after and as_recorded(after)
    record(CHANGED, actor=actor, at=at, data={"row": code, "before": plain_before, "after": plain_after, **more})


def as_recorded(said: RoleSaid) -> dict[str, Any]:
    """The label, and beside it each privilege with its ceiling or ``UNLIMITED``: so a change is told one by one."""
    limits = {name: UNLIMITED if ceiling is None else ceiling for name, ceiling in _named(said).items()}
    return {"label": said.label, **limits}


def _checked(said: RoleSaid) -> RoleSaid:
    for privilege, ceiling_minor in said.privileges.items():
        if privilege in ONLY_JOBS:
            raise PrivilegeNotForRoles(privilege)
        if ceiling_minor is None:
            continue
        if privilege not in WITH_CEILING or not 0 < ceiling_minor <= CEILING_LIMIT_MINOR:
            raise CeilingOutOfRange(privilege)
    return RoleSaid(label=checked_name("label", said.label), privileges=dict(said.privileges))


def _require_free(others: Mapping[str, RoleFacts], label: str) -> None:
    for other in others.values():
        if str(other.label).casefold() == label.casefold():
            raise NameTaken("label", str(other.label))


def _write(actor: Actor, at: datetime, code: str, said: RoleSaid) -> None:
    Role.objects.update_or_create(
        institution_id=actor.institution_id,
        code=code,
        defaults={"label": said.label, "privileges": _named(said), "updated_by": actor.name, "updated_at": at},
    )


def _named(said: RoleSaid) -> dict[str, int | None]:
    return {each.value: said.privileges[each] for each in Privilege if each in said.privileges}
