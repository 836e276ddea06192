"""Adding an item policy to its code table, renaming it, or taking it out of use (row C5)."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from amerce.access.actors import Actor
from amerce.circulation.configuring import may_configure
from amerce.events.record import record
from amerce.inputs.checks import checked_name, possible_ids
from amerce.inputs.errors import NameTaken, RowNotFound
from amerce.inputs.stamp import require_unchanged
from amerce.institutions.configuring import locked_institution
from amerce.institutions.models import CodeEntry

CHANGED = "code_table.changed"
CODE_LIMIT = 60
_TABLE = CodeEntry.Table.ITEM_POLICY


def add_item_policy(*, actor: Actor, at: datetime, code: str, label: str) -> int:
    """Add the item policy ``code`` at the end of the table; its id.

    Raises ``NotAllowed``, ``NameMissing``, ``TextTooLong``, and ``NameTaken`` for a code or a label that
    is there, in any case.
    """
    may_configure(actor)
    code, label = checked_name("code", code, CODE_LIMIT), checked_name("label", label)
    with transaction.atomic():
        locked_institution(actor)
        _require_free(actor.institution_id, code=code, label=label)
        last = CodeEntry.objects.filter(institution_id=actor.institution_id, table=_TABLE).aggregate(Max("position"))
        entry = CodeEntry.objects.create(
            institution_id=actor.institution_id,
            table=_TABLE,
            code=code,
            label=label,
            position=(last["position__max"] or 0) + 1,
            updated_by=actor.name,
            updated_at=at,
        )
        _record(actor, at, entry, None)
        return entry.pk


def save_item_policy(
    *, actor: Actor, at: datetime, entry_id: int, label: str, is_active: bool, expected_stamp: str | None = None
) -> bool:
    """Give an item policy a name and say whether it can be chosen; its code, which items carry, stays.

    One that cannot be chosen goes on where items and terms have it. False when all was so already.
    ``expected_stamp`` is that of ``item_policy_facts`` when the page was made. Raises ``NotAllowed``,
    ``RowNotFound``, ``OutOfDate``, ``NameMissing``, ``NameTaken``, ``TextTooLong``.
    """
    may_configure(actor)
    label = checked_name("label", label)
    with transaction.atomic():
        locked_institution(actor)
        mine = CodeEntry.objects.filter(institution_id=actor.institution_id, table=_TABLE)
        entry = mine.filter(pk__in=possible_ids([entry_id])).first()
        if entry is None:
            raise RowNotFound(entry_id)
        before = item_policy_facts(entry)
        if before == {"label": label, "is_active": is_active}:
            return False
        require_unchanged(before, expected_stamp)
        _require_free(actor.institution_id, label=label, but=entry.pk)
        entry.label, entry.is_active, entry.updated_by, entry.updated_at = label, is_active, actor.name, at
        entry.save(update_fields=["label", "is_active", "updated_by", "updated_at"])
        _record(actor, at, entry, before)
        return True


def _require_free(institution_id: int, *, label: str, code: str | None = None, but: int = 0) -> None:
    others = CodeEntry.objects.filter(institution_id=institution_id, table=_TABLE).exclude(pk=but)
    for other in others:
        if code is not None and other.code.casefold() == code.casefold():
            raise NameTaken("code", other.code)
        if other.label.casefold() == label.casefold():
            raise NameTaken("label", other.label)


def item_policy_facts(entry: CodeEntry) -> dict[str, object]:
    """What may be changed of it."""
    return {"label": entry.label, "is_active": entry.is_active}


def _record(actor: Actor, at: datetime, entry: CodeEntry, before: dict[str, object] | None) -> None:
    data = {"table": entry.table, "code": entry.code, "before": before, "after": item_policy_facts(entry)}
    record(CHANGED, actor=actor, at=at, data=data)
