"""Ticking off a line that could not be booked, once a person has dealt with it otherwise (row D7).

Why with a note: a year later somebody asks what became of the 12.50 that found no fee. No money moves.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.bursar.errors import LineNeedsNobody, TickedOffBefore
from amerce.bursar.models import TICKED_OFF, UNMATCHED, BursarImport, BursarPayment, BursarTick
from amerce.events.record import record
from amerce.inputs.checks import checked_text, possible_ids
from amerce.inputs.errors import NameMissing, RowNotFound

NOTE_LIMIT = 500


@dataclass(frozen=True)
class Ticked:
    """The line, and whether all was so before and nothing was done."""

    line_id: int
    replayed: bool


def tick_off(*, actor: Actor, at: datetime, line_id: int, note: str) -> Ticked:
    """Say that somebody dealt with a line that could not be booked, and how; said again by the same person, do nothing.

    Raises ``NotAllowed``, ``RowNotFound``, ``LineNeedsNobody``, ``TickedOffBefore`` where another note stands, and
    ``NameMissing``, ``TextTooLong``, ``TextMalformed`` for the note.
    """
    require_for(actor, Privilege.FEE_EXPORT, EVERYWHERE)
    with transaction.atomic():
        line = locked_line(actor, line_id)
        if not BursarPayment.objects.filter(UNMATCHED | TICKED_OFF, pk=line.pk).exists():
            raise LineNeedsNobody(line.outcome)
        said = _checked_note(note)
        if before := BursarTick.objects.filter(institution_id=actor.institution_id, line=line).first():
            if (before.ticked_by, before.note) == (actor.name, said):
                return Ticked(line.pk, replayed=True)
            raise TickedOffBefore(before.ticked_by, before.ticked_at)
        BursarTick.objects.create(
            institution_id=actor.institution_id, line=line, ticked_by=actor.name, ticked_at=at, note=said
        )
        data = {"import": line.file_id, "line": line.position, "note": said}
        record("bursar_line.ticked_off", actor=actor, at=at, data=data)
        return Ticked(line.pk, replayed=False)


def locked_line(actor: Actor, line_id: int) -> BursarPayment:
    """The line with its file, locked as the undo of an import locks it. Raises ``RowNotFound``."""
    lines = BursarPayment.objects.filter(institution_id=actor.institution_id, pk__in=possible_ids([line_id]))
    files = BursarImport.objects.filter(institution_id=actor.institution_id, pk__in=lines.values("file"))
    file = files.select_for_update(of=("self",)).first()
    if file is None:
        raise RowNotFound(line_id)
    line = lines.get()
    line.file = file
    return line


def _checked_note(note: str) -> str:
    said = note.strip()
    if not said:
        raise NameMissing("note")
    return checked_text("note", said, NOTE_LIMIT)
