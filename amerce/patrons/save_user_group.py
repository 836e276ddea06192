"""Adding a user group, renaming it, or taking it out of use (row C6)."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.inputs.checks import checked_name
from amerce.inputs.errors import Refused
from amerce.inputs.stamp import require_unchanged
from amerce.institutions.configuring import locked_institution
from amerce.institutions.rows import CODE_LIMIT, RowSaved, own_row, require_free, write_row
from amerce.patrons.models import UserGroup

CHANGED = "user_group.changed"


class GroupIsDefault(Refused):
    """It is the institution's default user group, so it stays in use."""

    field = "is_active"


@dataclass(frozen=True, kw_only=True)
class UserGroupFacts:
    """What a group says; the words are those of ``UserGroup``."""

    code: str
    label: str
    is_proxy: bool = False
    is_active: bool = True

    @classmethod
    def of(cls, group: UserGroup) -> "UserGroupFacts":
        return cls(code=group.code, label=group.label, is_proxy=group.is_proxy, is_active=group.is_active)


def save_user_group(
    *,
    actor: Actor,
    at: datetime,
    facts: UserGroupFacts,
    group_id: int | None = None,
    expected_stamp: str | None = None,
) -> RowSaved:
    """Make a group that says ``facts``, or make the one of ``group_id`` say them; its code, which loads name, stays.

    One that is out of use (``is_active`` false) is given to nobody by hand any more; who has it keeps it, and loads may
    go on to bring it. ``expected_stamp`` is that of ``UserGroupFacts.of`` when the page was made. Raises
    ``NotAllowed``, ``RowNotFound``, ``OutOfDate``, ``NameMissing``, ``TextTooLong``, ``TextMalformed``, ``NameTaken``,
    ``GroupIsDefault``.
    """
    require_for(actor, Privilege.PATRON_CONFIGURE, EVERYWHERE)
    with transaction.atomic():
        institution = locked_institution(actor)
        group = own_row(UserGroup, actor, group_id)
        before = UserGroupFacts.of(group) if group else None
        code = checked_name("code", before.code if before else facts.code, CODE_LIMIT)
        after = replace(facts, code=code, label=checked_name("label", facts.label))
        if group is not None and after == before:
            return RowSaved(group.pk, is_changed=False)
        require_unchanged(before, expected_stamp)
        require_free(UserGroup, actor, group_id, {"code": after.code, "label": after.label})
        if group is not None and group.pk == institution.default_user_group_id and not after.is_active:
            raise GroupIsDefault
        return write_row(UserGroup, CHANGED, actor=actor, at=at, row=group, before=before, after=after)
