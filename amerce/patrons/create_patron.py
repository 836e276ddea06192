"""Making an internal patron record by hand (row F1)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.events.record import record
from amerce.patrons.contacts import checked_contact
from amerce.patrons.details import Details
from amerce.patrons.errors import IdTaken
from amerce.patrons.facts import ContactFacts, IdentifierFacts, NewPatron
from amerce.patrons.folding import fold_id
from amerce.patrons.load import register_many
from amerce.patrons.models import Patron, PatronIdentifier
from amerce.patrons.record import RecordOutcome
from amerce.patrons.set_identifier import checked_identifier


def create_patron(
    *,
    actor: Actor,
    at: datetime,
    details: Details,
    identifiers: Sequence[IdentifierFacts] = (),
    contacts: Sequence[ContactFacts] = (),
) -> RecordOutcome:
    """Raises ``NotAllowed``, ``IdTaken`` and what the fields are refused for."""
    require(actor, Privilege.PATRON_EDIT)
    with transaction.atomic():
        group = details.check(actor.institution_id)
        kept = [checked_identifier(actor, each) for each in identifiers]
        reached = [checked_contact(actor, each) for each in contacts]
        values = details.values(group)
        patron = Patron(institution_id=actor.institution_id, created_at=at, **values | {"group": group})
        _refuse_taken(actor.institution_id, values["primary_id"], kept)
        try:
            with transaction.atomic():
                register_many([NewPatron(patron, kept, reached)])
        except IntegrityError as error:  # somebody made it in the same moment
            raise IdTaken("primary_id") from error
        record(
            "patron.created",
            actor=actor,
            at=at,
            patron_id=patron.pk,
            data={"seq": 0, "kind": patron.kind, "group": values["group"]},
        )
        return RecordOutcome(patron.pk, 0)


def _refuse_taken(institution_id: int, primary_id: str, identifiers: Sequence[IdentifierFacts]) -> None:
    if Patron.objects.filter(institution_id=institution_id, primary_folded=fold_id(primary_id)).exists():
        raise IdTaken("primary_id")
    for each in identifiers:
        rows = PatronIdentifier.objects.filter(institution_id=institution_id, type=each.type)
        if rows.filter(folded=fold_id(each.value)).exists():
            raise IdTaken("value")
