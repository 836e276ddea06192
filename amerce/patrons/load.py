"""Writing patron records, one or many at once, in a few statements for all. The one place where a record begins."""

from collections.abc import Sequence

from django.db import transaction

from amerce.patrons.facts import NewPatron, preferring_one
from amerce.patrons.folding import fold_id, name_tokens
from amerce.patrons.models import Contact, NameToken, Patron, PatronIdentifier


def register_many(people: Sequence[NewPatron]) -> None:
    """Write new patrons with their identifiers, their contacts and the words of their names.

    What comes with an external patron is marked as loaded. Raises ``django.db.IntegrityError``, and writes nobody,
    when an id is taken in the institution.
    """
    for person in people:
        person.patron.primary_folded = fold_id(person.patron.primary_id)
    with transaction.atomic():
        Patron.objects.bulk_create([person.patron for person in people])
        write_identifiers(people)
        write_contacts(people)
        write_names([person.patron for person in people])


def write_identifiers(people: Sequence[NewPatron]) -> None:
    PatronIdentifier.objects.bulk_create(
        each.row(person.patron, is_loaded=person.patron.is_external) for person in people for each in person.identifiers
    )


def write_contacts(people: Sequence[NewPatron]) -> None:
    Contact.objects.bulk_create(
        each.row(person.patron, is_loaded=person.patron.is_external)
        for person in people
        for each in preferring_one(person.contacts)
    )


def write_names(patrons: Sequence[Patron]) -> None:
    """The words by which they are found; those that were there must be gone."""
    NameToken.objects.bulk_create(
        NameToken(institution_id=patron.institution_id, patron=patron, token=token)
        for patron in patrons
        for token in sorted(name_tokens(patron.first_name, patron.middle_name, patron.last_name))
    )
