"""Deleting a note from a patron record: its words are gone, the event says that there was one."""

from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.patrons.errors import RowNotFound
from amerce.patrons.models import PatronNote
from amerce.patrons.record import RecordOutcome, close_record, lock_record


def delete_patron_note(*, actor: Actor, at: datetime, patron_id: int, expected_seq: int, note_id: int) -> RecordOutcome:
    """Raises ``NotAllowed``, ``PatronNotFound``, ``RecordChanged``, ``RowNotFound``."""
    require(actor, Privilege.PATRON_EDIT)
    with transaction.atomic():
        patron = lock_record(actor, patron_id, expected_seq)
        row = PatronNote.objects.filter(patron=patron, pk=note_id).first()
        if row is None:
            raise RowNotFound
        row.delete()
        data = {"note": note_id, "type": row.type}
        return close_record(patron, "patron.note_deleted", actor=actor, at=at, data=data, row_id=note_id)
