"""Choosing which e-mail address, phone number or address is used, also among those that were loaded."""

from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.patrons.contacts import contact_of, give_way
from amerce.patrons.record import RecordOutcome, close_record, lock_record


def prefer_contact(*, actor: Actor, at: datetime, patron_id: int, expected_seq: int, contact_id: int) -> RecordOutcome:
    """Raises ``NotAllowed``, ``PatronNotFound``, ``RecordChanged``, ``RowNotFound``."""
    require(actor, Privilege.PATRON_EDIT)
    with transaction.atomic():
        patron = lock_record(actor, patron_id, expected_seq)
        row = contact_of(patron, contact_id)
        if row.is_preferred:
            return RecordOutcome(patron.pk, patron.seq, row.pk, changed=False)
        row.is_preferred = True
        give_way(row)
        row.save(update_fields=["is_preferred"])
        data = {"contact": row.pk, "kind": row.kind}
        return close_record(patron, "patron.contact_preferred", actor=actor, at=at, data=data, row_id=row.pk)
