"""Taking an identifier that was added by hand off a patron."""

from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.patrons.errors import RowNotFound
from amerce.patrons.models import PatronIdentifier
from amerce.patrons.record import RecordOutcome, close_record, lock_record, refuse_loaded


def remove_identifier(
    *, actor: Actor, at: datetime, patron_id: int, expected_seq: int, identifier_id: int
) -> RecordOutcome:
    """Raises ``NotAllowed``, ``PatronNotFound``, ``RecordChanged``, ``RowNotFound``, ``RowProtected``."""
    require(actor, Privilege.PATRON_EDIT)
    with transaction.atomic():
        patron = lock_record(actor, patron_id, expected_seq)
        row = PatronIdentifier.objects.filter(patron=patron, pk=identifier_id).first()
        if row is None:
            raise RowNotFound
        refuse_loaded(patron, is_loaded=row.is_loaded)
        row.delete()
        data = {"identifier": identifier_id, "type": row.type}
        return close_record(patron, "patron.identifier_removed", actor=actor, at=at, data=data, row_id=identifier_id)
