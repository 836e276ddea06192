"""A batch of patron rows."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from amerce.patrons.facts import IdentifierFacts, NewPatron
from amerce.patrons.folding import fold_id
from amerce.patrons.load import register_many
from amerce.patrons.models import Patron, PatronIdentifier
from amerce.patrons.sync import Loaded, sync_many
from amerce.transfer_in.csv.context import Context
from amerce.transfer_in.csv.parse import PatronRow, patron_row
from amerce.transfer_in.csv.read import Row
from amerce.transfer_in.csv.seen import Seen
from amerce.transfer_in.csv.target import Target
from amerce.transfer_in.outcome import FileCounts

PATRON = "patron"

_Holders = Mapping[tuple[str, str], int]
"""Type and folded value of an identifier to the id of the patron who has it."""


def load_patrons(rows: Sequence[Row], context: Context, counts: FileCounts) -> None:
    """Make the patrons that are not there, with their groups, and bring those of this source up to date.

    Raises ``BadRow``.
    """
    target, source = context.target, context.mapping.source
    people = [patron_row(each, context.mapping) for each in rows]
    for person in people:
        _refuse_twice(person, context.seen)
    here = _here(people, target)
    holders = _holders(people, target)
    new, changed = [], []
    for person in people:
        existing = here.get(person.folded)
        _refuse_taken(person, existing, holders)
        if existing is None:
            new.append(_new(person, context))
        elif _is_as_here(person, existing, holders) and _has_group(person, existing, target):
            counts.unchanged += 1
        elif existing.is_external and existing.source_system == source:
            changed.append(_changed(person, existing, target))
        else:
            counts.differing += 1
    counts.made += len(new)
    counts.updated += len(changed)
    if target.writes:
        register_many(new)
        sync_many(changed, at=context.at, source_system=source)


def _here(people: Sequence[PatronRow], target: Target) -> dict[str, Patron]:
    """Those who are there, by folded primary id, with what was loaded of their contacts and identifiers."""
    found = Patron.objects.filter(
        institution_id=target.institution_id, primary_folded__in=[each.folded for each in people]
    )
    return {each.primary_folded: each for each in found.prefetch_related("contacts", "identifiers")}


def _new(person: PatronRow, context: Context) -> NewPatron:
    target, source = context.target, context.mapping.source
    group = target.group(person.group)
    patron = Patron(
        institution_id=target.institution_id,
        primary_id=person.primary_id,
        group=group if target.writes else None,
        created_at=target.begin_of(person.created_on) if person.created_on else context.at,
        **person.columns,
    )
    if source:
        patron.kind = Patron.Kind.EXTERNAL
        patron.source_system, patron.source_id, patron.synced_at = source, person.primary_id, context.at
    return NewPatron(patron, _facts(person), person.contact_facts)


def _changed(person: PatronRow, existing: Patron, target: Target) -> Loaded:
    columns = dict(person.columns)
    if "group" in person.row.values:
        group = target.group(person.group)
        columns["group_id"] = group.pk if group else None
    return Loaded(
        existing,
        columns,
        frozenset(person.row.identifiers),
        _facts(person),
        frozenset(person.contacts),
        person.contact_facts,
    )


def _facts(person: PatronRow) -> list[IdentifierFacts]:
    return [IdentifierFacts(kind, value) for kind, value in person.identifiers.items()]


def _refuse_twice(person: PatronRow, seen: Seen) -> None:
    line = person.row.line
    keys = [("id", PATRON, person.primary_id)]
    keys += [(kind, f"identifier {kind}", value) for kind, value in person.identifiers.items()]
    for field, kind, value in keys:
        if before := seen.add(kind, fold_id(value), line):
            raise person.row.bad(field, _("%(key)s is on line %(line)s already") % {"key": value, "line": before.line})


def _holders(people: Sequence[PatronRow], target: Target) -> _Holders:
    values = {fold_id(value) for person in people for value in person.identifiers.values()}
    if not values:
        return {}
    rows = PatronIdentifier.objects.filter(institution_id=target.institution_id, folded__in=values)
    return {(kind, folded): patron_id for kind, folded, patron_id in rows.values_list("type", "folded", "patron_id")}


def _refuse_taken(person: PatronRow, existing: Patron | None, holders: _Holders) -> None:
    """An identifier that is somebody else's; of a record that is internal and stays as it is it does not matter."""
    if existing is not None and not existing.is_external:
        return
    for kind, value in person.identifiers.items():
        holder = holders.get((kind, fold_id(value)))
        if holder is not None and (existing is None or holder != existing.pk):
            raise person.row.bad(kind, _("%(value)s is another patron's here") % {"value": value})


def _is_as_here(person: PatronRow, existing: Patron, holders: _Holders) -> bool:
    same_columns = all(getattr(existing, column) == value for column, value in person.columns.items())
    same_ids = all(holders.get((kind, fold_id(each))) == existing.pk for kind, each in person.identifiers.items())
    return same_columns and same_ids and not _lost_ids(person, existing) and _same_contacts(person, existing)


def _has_group(person: PatronRow, existing: Patron, target: Target) -> bool:
    if existing.is_external and "group" not in person.row.values:
        return True  # not a field that is loaded
    return target.is_group(person.group, existing.group_id)


def _lost_ids(person: PatronRow, existing: Patron) -> bool:
    """Whether an identifier that was loaded is not in the file any more."""
    said = {(kind, fold_id(value)) for kind, value in person.identifiers.items()}
    loaded = {(each.type, each.folded) for each in existing.identifiers.all() if each.is_loaded}
    return any(each not in said for each in loaded if each[0] in person.row.identifiers)


def _same_contacts(person: PatronRow, existing: Patron) -> bool:
    """Whether the source says the same as it said; what hands added to an external record does not count."""
    here = [each for each in existing.contacts.all() if each.is_loaded or not existing.is_external]
    said = {(kind, text) for kind, text in person.contacts.items() if text}
    return {(each.kind, each.text) for each in here if each.kind in person.contacts} == said
