"""Adding a circulation desk to a library, renaming it, or closing it (row C6)."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.inputs.checks import checked_name, checked_row
from amerce.inputs.stamp import require_unchanged
from amerce.institutions.configuring import locked_institution
from amerce.institutions.models import Desk, Library
from amerce.institutions.rows import CODE_LIMIT, RowSaved, own_row, require_free, write_row

CHANGED = "desk.changed"


@dataclass(frozen=True, kw_only=True)
class DeskFacts:
    """What a desk says; code and name are its own within its library."""

    library_id: int
    code: str
    name: str
    is_active: bool = True

    @classmethod
    def of(cls, desk: Desk) -> "DeskFacts":
        return cls(library_id=desk.library_id, code=desk.code, name=desk.name, is_active=desk.is_active)


def save_desk(
    *, actor: Actor, at: datetime, facts: DeskFacts, desk_id: int | None = None, expected_stamp: str | None = None
) -> RowSaved:
    """Make a desk that says ``facts``, or make the one of ``desk_id`` say them; its library and code stay.

    Who works at a desk that is closed (``is_active`` false) is asked for a location at their next click; history keeps
    its name. ``expected_stamp`` is that of ``DeskFacts.of`` when the page was made. Raises ``NotAllowed``,
    ``RowNotFound``, ``OutOfDate``, ``NameMissing``, ``TextTooLong``, ``TextMalformed``, ``NameTaken``, and
    ``ChoiceUnknown`` for the library.
    """
    require_for(actor, Privilege.INSTITUTION_CONFIGURE, EVERYWHERE)
    with transaction.atomic():
        locked_institution(actor)
        desk = own_row(Desk, actor, desk_id)
        before = DeskFacts.of(desk) if desk else None
        code = checked_name("code", before.code if before else facts.code, CODE_LIMIT)
        library_id = before.library_id if before else facts.library_id
        after = replace(facts, library_id=library_id, code=code, name=checked_name("name", facts.name))
        if desk is not None and after == before:
            return RowSaved(desk.pk, is_changed=False)
        require_unchanged(before, expected_stamp)
        checked_row("library_id", Library, actor.institution_id, pk=library_id)
        require_free(Desk, actor, desk_id, {"code": after.code, "name": after.name}, library_id=library_id)
        return write_row(Desk, CHANGED, actor=actor, at=at, row=desk, before=before, after=after)
