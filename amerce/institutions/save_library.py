"""Adding a library, renaming it, or closing it (row C6)."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.inputs.checks import checked_name
from amerce.inputs.stamp import require_unchanged
from amerce.institutions.configuring import locked_institution
from amerce.institutions.models import Library
from amerce.institutions.rows import (
    CODE_LIMIT,
    RowSaved,
    own_row,
    require_another_active,
    require_free,
    write_row,
)

CHANGED = "library.changed"


@dataclass(frozen=True, kw_only=True)
class LibraryFacts:
    """``code`` is as items, loads and exports carry it."""

    code: str
    name: str
    is_active: bool = True

    @classmethod
    def of(cls, library: Library) -> "LibraryFacts":
        return cls(code=library.code, name=library.name, is_active=library.is_active)


def save_library(
    *,
    actor: Actor,
    at: datetime,
    facts: LibraryFacts,
    library_id: int | None = None,
    expected_stamp: str | None = None,
) -> RowSaved:
    """Make a library that says ``facts``, or make the one of ``library_id`` say them; its code stays as it is.

    One that is closed (``is_active`` false) cannot be chosen as a location, an owner or to pick up; what it has stays.
    ``expected_stamp`` is that of ``LibraryFacts.of`` when the page was made. Raises ``NotAllowed``, ``RowNotFound``,
    ``OutOfDate``, ``NameMissing``, ``TextTooLong``, ``TextMalformed``, ``NameTaken``, and ``LastInUse`` for the only
    one that is open.
    """
    require_for(actor, Privilege.INSTITUTION_CONFIGURE, EVERYWHERE)
    with transaction.atomic():
        locked_institution(actor)
        library = own_row(Library, actor, library_id)
        before = LibraryFacts.of(library) if library else None
        code = checked_name("code", before.code if before else facts.code, CODE_LIMIT)
        after = replace(facts, code=code, name=checked_name("name", facts.name))
        if library is not None and after == before:
            return RowSaved(library.pk, is_changed=False)
        require_unchanged(before, expected_stamp)
        require_free(Library, actor, library_id, {"code": after.code, "name": after.name})
        if before is not None and before.is_active and not after.is_active:
            require_another_active(Library, actor, library_id)
        return write_row(
            Library,
            CHANGED,
            actor=actor,
            at=at,
            row=library,
            before=before,
            after=after,
        )
