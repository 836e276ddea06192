"""Making a patron record with everything by which it is found."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from amerce.patrons.folding import fold_id, name_tokens
from amerce.patrons.models import NameToken, Patron, PatronIdentifier, UserGroup


def register(
    *,
    institution_id: int,
    at: datetime,
    primary_id: str,
    first_name: str = "",
    last_name: str = "",
    group: UserGroup | None = None,
    identifiers: Mapping[str, str] | None = None,
    kind: Patron.Kind = Patron.Kind.INTERNAL,
    status: Patron.Status = Patron.Status.ACTIVE,
    expires_on: date | None = None,
    email: str = "",
    phone: str = "",
    address: str = "",
) -> Patron:
    """Make a patron. ``identifiers`` maps a type (``BARCODE``) to its value.

    Raises ``django.db.IntegrityError`` when the primary id or an identifier is taken in this institution.
    """
    with transaction.atomic():
        patron = Patron.objects.create(
            institution_id=institution_id,
            primary_id=primary_id,
            primary_folded=fold_id(primary_id),
            first_name=first_name,
            last_name=last_name,
            group=group,
            kind=kind,
            status=status,
            expires_on=expires_on,
            email=email,
            phone=phone,
            address=address,
            created_at=at,
        )
        PatronIdentifier.objects.bulk_create(
            PatronIdentifier(
                institution_id=institution_id, patron=patron, type=kind_of_id, value=value, folded=fold_id(value)
            )
            for kind_of_id, value in (identifiers or {}).items()
        )
        NameToken.objects.bulk_create(
            NameToken(institution_id=institution_id, patron=patron, token=token)
            for token in sorted(name_tokens(first_name, last_name))
        )
        return patron
