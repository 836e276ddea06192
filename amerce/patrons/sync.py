"""Bringing external records to what their source says now; what was added by hand stays.

Why apart from editing: a load touches what it loaded and nothing else, hundreds of records in a few statements.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from amerce.patrons.facts import ContactFacts, IdentifierFacts
from amerce.patrons.load import write_names
from amerce.patrons.models import Contact, NameToken, Patron, PatronIdentifier

LOADED_COLUMNS = ("primary_id", "first_name", "middle_name", "last_name", "group_id", "expires_on")
"""Of an external record; hands do not change them."""


@dataclass(frozen=True)
class Loaded:
    """What the source says of one patron who is here already.

    ``columns`` are those of ``LOADED_COLUMNS`` that the source knows. Of the types and kinds that it knows, what was
    loaded before is replaced; others stay.
    """

    patron: Patron
    columns: Mapping[str, Any] = field(default_factory=dict)
    identifier_types: frozenset[str] = frozenset()
    identifiers: Sequence[IdentifierFacts] = ()
    contact_kinds: frozenset[str] = frozenset()
    contacts: Sequence[ContactFacts] = ()


def sync_many(people: Sequence[Loaded], *, at: datetime, source_system: str) -> None:
    """Write what differs. Raises ``django.db.IntegrityError`` when an identifier is somebody else's."""
    with transaction.atomic():
        for each in people:
            for column, value in each.columns.items():
                setattr(each.patron, column, value)
            each.patron.source_system, each.patron.synced_at = source_system, at
            each.patron.seq += 1
        patrons = [each.patron for each in people]
        columns = sorted({column for each in people for column in each.columns} - {"group_id"})
        Patron.objects.bulk_update(patrons, [*columns, "group", "source_system", "synced_at", "seq"])
        NameToken.objects.filter(patron__in=patrons).delete()
        write_names(patrons)
        _replace_identifiers(people)
        _replace_contacts(people)


def _replace_identifiers(people: Sequence[Loaded]) -> None:
    loaded = PatronIdentifier.objects.filter(patron__in=[each.patron for each in people], is_loaded=True)
    known = {each.patron.pk: each.identifier_types for each in people}
    gone = [each.pk for each in loaded if each.type in known[each.patron_id]]
    PatronIdentifier.objects.filter(pk__in=gone).delete()
    held = {
        (each.patron_id, each.type, each.folded)
        for each in PatronIdentifier.objects.filter(patron__in=[each.patron for each in people])
    }
    rows = [one.row(each.patron, is_loaded=True) for each in people for one in each.identifiers]
    PatronIdentifier.objects.bulk_create(
        row
        for row in rows
        if (row.patron_id, row.type, row.folded) not in held  # somebody typed it before it came
    )


def _replace_contacts(people: Sequence[Loaded]) -> None:
    """Where a contact that was added by hand is the preferred one, it stays so."""
    contacts = Contact.objects.filter(patron__in=[each.patron for each in people])
    known = {each.patron.pk: each.contact_kinds for each in people}
    gone = [each.pk for each in contacts.filter(is_loaded=True) if each.kind in known[each.patron_id]]
    Contact.objects.filter(pk__in=gone).delete()
    preferred = set(contacts.filter(is_preferred=True).values_list("patron_id", "kind"))
    rows = []
    for each in people:
        for facts in each.contacts:
            row = facts.row(each.patron, is_loaded=True)
            row.is_preferred = (each.patron.pk, row.kind) not in preferred
            preferred.add((each.patron.pk, row.kind))
            rows.append(row)
    Contact.objects.bulk_create(rows)
