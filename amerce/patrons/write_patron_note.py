"""Writing a note on a patron record, or changing one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.institutions.models import CodeEntry
from amerce.patrons.checks import check_codes, check_text, difference
from amerce.patrons.errors import FieldMissing, RowNotFound
from amerce.patrons.models import PatronNote
from amerce.patrons.record import RecordOutcome, close_record, lock_record

TEXT_LIMIT = 2000
_TOLD = frozenset({"type", "is_popup", "is_user_viewable"})


@dataclass(frozen=True)
class NoteFacts:
    """``is_popup`` shows it when the record is opened at the desk, ``is_user_viewable`` to the patron as well."""

    type: str
    text: str
    is_popup: bool = False
    is_user_viewable: bool = False


def write_patron_note(
    *, actor: Actor, at: datetime, patron_id: int, expected_seq: int, note: NoteFacts, note_id: int | None = None
) -> RecordOutcome:
    """``note_id`` is the one to change, None adds one; who wrote it first and when stays. Raises ``NotAllowed``,
    ``PatronNotFound``, ``RecordChanged``, ``RowNotFound`` and what the fields are refused for."""
    require(actor, Privilege.PATRON_EDIT)
    with transaction.atomic():
        patron = lock_record(actor, patron_id, expected_seq)
        row = PatronNote.objects.filter(patron=patron, pk=note_id).first() if note_id is not None else None
        if note_id is not None and row is None:
            raise RowNotFound
        after = _checked(actor, note, kept=row.type if row else "")
        told = difference(_values(row), after, told=_TOLD)
        if row is not None and not told["changed"]:
            return RecordOutcome(patron.pk, patron.seq, row.pk, changed=False)
        is_new = row is None
        if row is None:
            row = PatronNote(institution_id=patron.institution_id, patron=patron, created_at=at, created_by=actor.name)
        for name, value in after.items():
            setattr(row, name, value)
        row.save()
        data = {"note": row.pk, "is_new": is_new, **told}
        return close_record(patron, "patron.note_written", actor=actor, at=at, data=data, row_id=row.pk)


def _checked(actor: Actor, note: NoteFacts, *, kept: str) -> dict[str, Any]:
    if not note.type:
        raise FieldMissing("type")
    check_codes(actor.institution_id, CodeEntry.Table.NOTE_TYPE, "type", [note.type], kept=[kept])
    text = note.text.strip()
    check_text("text", text, TEXT_LIMIT, needed=True)
    return {"type": note.type, "text": text, "is_popup": note.is_popup, "is_user_viewable": note.is_user_viewable}


def _values(row: PatronNote | None) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("type", "text", "is_popup", "is_user_viewable")} if row else {}
