"""Undoing a tick: the line waits for a hand again (row D7)."""

from datetime import datetime

from django.db import transaction

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.bursar.models import BursarTick
from amerce.bursar.tick_off import Ticked, locked_line
from amerce.events.record import record


def undo_tick(*, actor: Actor, at: datetime, line_id: int) -> Ticked:
    """Let a line that was ticked off wait for a hand again; asked twice, do nothing. Raises ``NotAllowed``,
    ``RowNotFound``.
    """
    require_for(actor, Privilege.FEE_EXPORT, EVERYWHERE)
    with transaction.atomic():
        line = locked_line(actor, line_id)
        tick = BursarTick.objects.filter(institution_id=actor.institution_id, line=line).first()
        if tick is None:
            return Ticked(line.pk, replayed=True)
        data = {"import": line.file_id, "line": line.position, "note": tick.note, "ticked_by": tick.ticked_by}
        tick.delete()
        record("bursar_line.tick_undone", actor=actor, at=at, data=data)
        return Ticked(line.pk, replayed=False)
