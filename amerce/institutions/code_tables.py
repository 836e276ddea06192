"""Adding a row to a code table, renaming it, taking it out of use, restoring or removing it (rows C2, C6).

Why one set of commands for all tables: they differ in who may and in nothing else. Item policies have their own
(``circulation/save_item_policy.py``), since terms of use hang on them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require, require_for
from amerce.access.privileges import Privilege
from amerce.events.record import record
from amerce.inputs.checks import checked_name, possible_ids
from amerce.inputs.errors import ChoiceUnknown, NameTaken, RowNotFound
from amerce.inputs.stamp import require_unchanged
from amerce.institutions.configuring import locked_institution
from amerce.institutions.defaults import DEFAULT_CODES
from amerce.institutions.models import CodeEntry
from amerce.institutions.rows import CODE_LIMIT, LastInUse, RowSaved

CHANGED = "code_table.changed"
MAY_CHANGE: Mapping[str, Privilege] = {
    CodeEntry.Table.WAIVE_REASON: Privilege.CHARGES_CONFIGURE,
    CodeEntry.Table.PAYMENT_METHOD: Privilege.CHARGES_CONFIGURE,
    CodeEntry.Table.IDENTIFIER_TYPE: Privilege.PATRON_CONFIGURE,
    CodeEntry.Table.EMAIL_TYPE: Privilege.PATRON_CONFIGURE,
    CodeEntry.Table.PHONE_TYPE: Privilege.PATRON_CONFIGURE,
    CodeEntry.Table.ADDRESS_TYPE: Privilege.PATRON_CONFIGURE,
    CodeEntry.Table.NOTE_TYPE: Privilege.PATRON_CONFIGURE,
    CodeEntry.Table.LANGUAGE: Privilege.PATRON_CONFIGURE,
}
"""Table to who may change it."""


def code_facts(entry: CodeEntry) -> dict[str, Any]:
    """What may be changed of a row."""
    return {"label": entry.label, "is_active": entry.is_active}


def default_facts(entry: CodeEntry) -> dict[str, Any] | None:
    """What the row said in a new institution; None for one that was added later."""
    label = DEFAULT_CODES[CodeEntry.Table(entry.table)].get(entry.code)
    return None if label is None else {"label": label, "is_active": True}


def code_table(actor: Actor, table: str) -> list[CodeEntry]:
    """The rows of a code table in their order, also those out of use. Raises ``NotAllowed``, ``ChoiceUnknown``."""
    require(actor, _privilege(table))
    return list(_rows(actor, table).order_by("position", "label"))


def get_code(actor: Actor, table: str, entry_id: int) -> CodeEntry:
    """One row. Raises ``NotAllowed``, ``ChoiceUnknown``, ``RowNotFound``."""
    require(actor, _privilege(table))
    return _own(actor, table, entry_id)


def add_code(*, actor: Actor, at: datetime, table: str, code: str, label: str) -> RowSaved:
    """Add a row at the end of the table. One that was removed comes back with this label.

    Raises ``NotAllowed``, ``ChoiceUnknown`` for the table, ``NameMissing``, ``TextTooLong``, ``TextMalformed``, and
    ``NameTaken`` for a code or a label that is there, in any case.
    """
    require_for(actor, _privilege(table), EVERYWHERE)
    code, label = checked_name("code", code, CODE_LIMIT), checked_name("label", label)
    with transaction.atomic():
        locked_institution(actor)
        _require_free(actor, table, code=code, label=label)
        every = CodeEntry.objects.filter(institution_id=actor.institution_id, table=table)
        last = every.aggregate(Max("position"))["position__max"] or 0
        entry = every.filter(code__iexact=code).first() or CodeEntry(
            institution_id=actor.institution_id, table=table, code=code
        )
        entry.position, entry.removed_at = last + 1, None
        _write(actor, at, entry, None, {"label": label, "is_active": True})
        return RowSaved(entry.pk, is_changed=True)


def save_code(
    *,
    actor: Actor,
    at: datetime,
    table: str,
    entry_id: int,
    label: str,
    is_active: bool,
    expected_stamp: str | None = None,
) -> RowSaved:
    """Give a row a label and say whether it can be chosen; its code, by which history knows it, stays.

    ``expected_stamp`` is that of ``code_facts`` when the page was made. Raises ``NotAllowed``, ``ChoiceUnknown`` for
    the table, ``RowNotFound``, ``OutOfDate``, ``NameMissing``, ``NameTaken``, ``TextTooLong``, ``TextMalformed``, and
    ``LastInUse`` for the only one that can be chosen.
    """
    require_for(actor, _privilege(table), EVERYWHERE)
    after = {"label": checked_name("label", label), "is_active": is_active}
    with transaction.atomic():
        locked_institution(actor)
        return _change(_own(actor, table, entry_id), after, expected_stamp, actor=actor, at=at)


def restore_code(
    *, actor: Actor, at: datetime, table: str, entry_id: int, expected_stamp: str | None = None
) -> RowSaved:
    """Make a row say again what it said in a new institution.

    Raises as ``save_code``, and ``RowNotFound`` for a row that was added later.
    """
    require_for(actor, _privilege(table), EVERYWHERE)
    with transaction.atomic():
        locked_institution(actor)
        entry = _own(actor, table, entry_id)
        default = default_facts(entry)
        if default is None:
            raise RowNotFound(entry_id)
        return _change(entry, default, expected_stamp, actor=actor, at=at, is_restored=True)


def remove_code(*, actor: Actor, at: datetime, table: str, entry_id: int, expected_stamp: str | None = None) -> None:
    """Take a row out of its table and out of every list to choose from. What has it keeps its label.

    Raises ``NotAllowed``, ``ChoiceUnknown`` for the table, ``RowNotFound``, ``OutOfDate``, ``LastInUse``.
    """
    require_for(actor, _privilege(table), EVERYWHERE)
    with transaction.atomic():
        locked_institution(actor)
        entry = _own(actor, table, entry_id)
        before = code_facts(entry)
        require_unchanged(before, expected_stamp)
        _require_another(actor, entry)
        entry.removed_at = at
        _write(actor, at, entry, before, None)


def _change(
    entry: CodeEntry,
    after: dict[str, Any],
    expected_stamp: str | None,
    *,
    actor: Actor,
    at: datetime,
    is_restored: bool = False,
) -> RowSaved:
    before = code_facts(entry)
    if before == after:
        return RowSaved(entry.pk, is_changed=False)
    require_unchanged(before, expected_stamp)
    _require_free(actor, entry.table, but=entry.pk, label=after["label"])
    if not after["is_active"]:
        _require_another(actor, entry)
    _write(actor, at, entry, before, after, is_restored=is_restored)
    return RowSaved(entry.pk, is_changed=True)


def _write(
    actor: Actor,
    at: datetime,
    entry: CodeEntry,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    *,
    is_restored: bool = False,
) -> None:
    if after is not None:
        entry.label, entry.is_active = after["label"], after["is_active"]
    entry.updated_by, entry.updated_at = actor.name, at
    entry.save()
    data: dict[str, Any] = {"table": entry.table, "code": entry.code, "before": before, "after": after}
    record(CHANGED, actor=actor, at=at, data={**data, "is_restored": True} if is_restored else data)


def _privilege(table: str) -> Privilege:
    if table not in MAY_CHANGE:
        raise ChoiceUnknown("table")
    return MAY_CHANGE[table]


def _rows(actor: Actor, table: str) -> Any:
    return CodeEntry.objects.filter(institution_id=actor.institution_id, table=table, removed_at=None)


def _own(actor: Actor, table: str, entry_id: int) -> CodeEntry:
    found: CodeEntry | None = _rows(actor, table).filter(pk__in=possible_ids([entry_id])).first()
    if found is None:
        raise RowNotFound(entry_id)
    return found


def _require_free(actor: Actor, table: str, *, but: int = 0, **names: str) -> None:
    for other in _rows(actor, table).exclude(pk=but):
        for field, name in names.items():
            if getattr(other, field).casefold() == name.casefold():
                raise NameTaken(field, getattr(other, field))


def _require_another(actor: Actor, entry: CodeEntry) -> None:
    others = _rows(actor, entry.table).filter(is_active=True).exclude(pk=entry.pk)
    if entry.is_active and not others.exists():
        raise LastInUse
