"""Making one patron record with everything by which it is found, without asking who does it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from amerce.patrons.facts import ContactFacts, IdentifierFacts, NewPatron
from amerce.patrons.load import register_many
from amerce.patrons.models import Patron, UserGroup


def register(
    *,
    institution_id: int,
    at: datetime,
    primary_id: str,
    first_name: str = "",
    middle_name: str = "",
    last_name: str = "",
    group: UserGroup | None = None,
    identifiers: Mapping[str, str] | None = None,
    contacts: Sequence[ContactFacts] = (),
    kind: Patron.Kind = Patron.Kind.INTERNAL,
    status: Patron.Status = Patron.Status.ACTIVE,
    expires_on: date | None = None,
    preferred_language: str = "",
    source_system: str = "",
    source_id: str = "",
) -> Patron:
    """Make a patron. ``identifiers`` maps a type (``BARCODE``) to its value; ``at`` is also when it was loaded.

    Raises ``django.db.IntegrityError`` when the primary id or an identifier is taken in this institution.
    """
    patron = Patron(
        institution_id=institution_id,
        primary_id=primary_id,
        first_name=first_name,
        middle_name=middle_name,
        last_name=last_name,
        group=group,
        kind=kind,
        status=status,
        expires_on=expires_on,
        preferred_language=preferred_language,
        source_system=source_system,
        source_id=source_id,
        synced_at=at if kind == Patron.Kind.EXTERNAL else None,
        created_at=at,
    )
    facts = [IdentifierFacts(kind_of_id, value) for kind_of_id, value in (identifiers or {}).items()]
    register_many([NewPatron(patron, facts, contacts)])
    return patron
