"""Taking an e-mail address, a phone number or an address that was added by hand off a patron."""

from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.patrons.contacts import contact_of, prefer_one
from amerce.patrons.record import RecordOutcome, close_record, lock_record, refuse_loaded


def remove_contact(*, actor: Actor, at: datetime, patron_id: int, expected_seq: int, contact_id: int) -> RecordOutcome:
    """When it was the preferred one, the one that is there longest becomes it. Raises ``NotAllowed``,
    ``PatronNotFound``, ``RecordChanged``, ``RowNotFound``, ``RowProtected``."""
    require(actor, Privilege.PATRON_EDIT)
    with transaction.atomic():
        patron = lock_record(actor, patron_id, expected_seq)
        row = contact_of(patron, contact_id)
        refuse_loaded(patron, is_loaded=row.is_loaded)
        row.delete()
        prefer_one(patron, row.kind)
        data = {"contact": contact_id, "kind": row.kind}
        return close_record(patron, "patron.contact_removed", actor=actor, at=at, data=data, row_id=contact_id)
