"""Adding an e-mail address, a phone number or an address, or changing one that was added by hand."""

from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.patrons.checks import difference
from amerce.patrons.contacts import TOLD, checked_contact, contact_of, give_way, prefer_one, values_of
from amerce.patrons.errors import RowNotFound
from amerce.patrons.facts import ContactFacts
from amerce.patrons.record import RecordOutcome, close_record, lock_record, refuse_loaded


def set_contact(
    *,
    actor: Actor,
    at: datetime,
    patron_id: int,
    expected_seq: int,
    contact: ContactFacts,
    contact_id: int | None = None,
) -> RecordOutcome:
    """``contact_id`` is the one to change, None adds one. The first of a kind is preferred; a preferred one takes that
    from the other. Raises ``NotAllowed``, ``PatronNotFound``, ``RecordChanged``, ``RowNotFound``, ``RowProtected`` and
    what the fields are refused for."""
    require(actor, Privilege.PATRON_EDIT)
    with transaction.atomic():
        patron = lock_record(actor, patron_id, expected_seq)
        before = contact_of(patron, contact_id) if contact_id is not None else None
        if before is not None:
            refuse_loaded(patron, is_loaded=before.is_loaded)
            if before.kind != contact.kind:
                raise RowNotFound
        facts = checked_contact(actor, contact, kept=before.types if before else ())
        row = facts.row(patron, is_loaded=False)
        row.types = list(facts.types)
        row.pk = before.pk if before else None
        give_way(row)
        told = difference(values_of(before), values_of(row), told=TOLD)
        if not told["changed"]:
            return RecordOutcome(patron.pk, patron.seq, row.pk, changed=False)
        row.save()
        prefer_one(patron, row.kind, but=row.pk)
        data = {"contact": row.pk, "kind": str(row.kind), "is_new": before is None, **told}
        return close_record(patron, "patron.contact_set", actor=actor, at=at, data=data, row_id=row.pk)
