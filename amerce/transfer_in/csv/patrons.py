"""A batch of patron rows."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from amerce.patrons.folding import fold_id
from amerce.patrons.load import register_many
from amerce.patrons.models import Patron, PatronIdentifier
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
    """Make the patrons that are not there, with their groups. Raises ``BadRow``."""
    target = context.target
    people = [patron_row(each, context.mapping) for each in rows]
    for person in people:
        _refuse_twice(person, context.seen)
    here = Patron.objects.filter(institution_id=target.institution_id)
    by_folded = {each.primary_folded: each for each in here.filter(primary_folded__in=[each.folded for each in people])}
    holders = _holders(people, target)
    new = []
    for person in people:
        existing = by_folded.get(person.folded)
        if existing is None:
            _refuse_taken(person, holders)
            group = target.group(person.group)
            made_at = target.begin_of(person.created_on) if person.created_on else context.at
            new.append(
                Patron(
                    institution_id=target.institution_id,
                    primary_id=person.primary_id,
                    group=group if target.writes else None,
                    created_at=made_at,
                    **person.columns,
                )
            )
        elif _is_as_here(person, existing, holders) and target.is_group(person.group, existing.group_id):
            counts.unchanged += 1
        else:
            counts.differing += 1
    counts.made += len(new)
    if target.writes:
        identifiers = {person.primary_id: person.identifiers for person in people}
        register_many([(each, identifiers[each.primary_id]) for each in new])


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


def _refuse_taken(person: PatronRow, holders: _Holders) -> None:
    for kind, value in person.identifiers.items():
        if (kind, fold_id(value)) in holders:
            raise person.row.bad(kind, _("%(value)s is another patron's here") % {"value": value})


def _is_as_here(person: PatronRow, existing: Patron, holders: _Holders) -> bool:
    same_columns = all(getattr(existing, column) == value for column, value in person.columns.items())
    same_ids = all(holders.get((kind, fold_id(each))) == existing.pk for kind, each in person.identifiers.items())
    return same_columns and same_ids
