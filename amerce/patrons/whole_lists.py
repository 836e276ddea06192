"""The lists of a whole record: its identifiers, contacts, notes and blocks, each replaced by what is sent.

Why compared first: what says the same stays as it is, with who wrote it and when, and a list that says the same writes
nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import Model

from amerce.access.actors import Actor
from amerce.events.record import record
from amerce.institutions.days import local_day
from amerce.institutions.models import Institution
from amerce.patrons.blocks import DESCRIPTION_LIMIT, NOTE_LIMIT, BlockFacts
from amerce.patrons.checks import check_id, check_text
from amerce.patrons.contacts import checked_contact
from amerce.patrons.errors import CodeUnknown, FieldMissing, IdTaken
from amerce.patrons.facts import ContactFacts, IdentifierFacts, preferring_one
from amerce.patrons.models import Contact, Patron, PatronBlock, PatronIdentifier, PatronNote
from amerce.patrons.set_identifier import NOTE_LIMIT as IDENTIFIER_NOTE_LIMIT
from amerce.patrons.set_identifier import VALUE_LIMIT
from amerce.patrons.write_patron_note import TEXT_LIMIT, NoteFacts

_CODE_LIMIT = 60

Row = TypeVar("Row", bound=Model)
Facts = TypeVar("Facts")


@dataclass(frozen=True)
class Sent(Generic[Facts]):
    """An identifier or a contact, and whether the source keeps it."""

    facts: Facts
    is_loaded: bool = False


def replace_identifiers(patron: Patron, given: Sequence[Sent[IdentifierFacts]]) -> bool:
    wanted: dict[tuple[str, str], PatronIdentifier] = {}
    for each in given:
        row = _checked_identifier(each.facts).row(patron, is_loaded=each.is_loaded)
        wanted.setdefault((row.type, row.folded), row)
    there = list(PatronIdentifier.objects.filter(patron=patron).order_by("pk"))
    if [_identifier_said(each) for each in there] == [_identifier_said(each) for each in wanted.values()]:
        return False
    PatronIdentifier.objects.filter(patron=patron).delete()
    for row in wanted.values():
        same = PatronIdentifier.objects.filter(institution_id=patron.institution_id, type=row.type, folded=row.folded)
        if same.exists():
            raise IdTaken("value")
    PatronIdentifier.objects.bulk_create(wanted.values())
    return True


def _identifier_said(row: PatronIdentifier) -> tuple[Any, ...]:
    return row.type, row.value, row.note, row.is_loaded


def _checked_identifier(facts: IdentifierFacts) -> IdentifierFacts:
    if not facts.type:
        raise FieldMissing("type")
    check_text("type", facts.type, _CODE_LIMIT)
    clean = replace(facts, value=facts.value.strip(), note=facts.note.strip())
    check_id("value", clean.value, VALUE_LIMIT)
    check_text("note", clean.note, IDENTIFIER_NOTE_LIMIT)
    return clean


def replace_contacts(patron: Patron, given: Sequence[Sent[ContactFacts]], actor: Actor) -> bool:
    checked = [checked_contact(actor, each.facts, kept=each.facts.types) for each in given]
    for each in checked:
        for code in each.types:
            check_text("types", code, _CODE_LIMIT)
    one_preferred = preferring_one(checked)
    wanted = [each.row(patron, is_loaded=given[number].is_loaded) for number, each in enumerate(one_preferred)]
    there = list(Contact.objects.filter(patron=patron).order_by("pk"))
    if [_contact_said(each) for each in there] == [_contact_said(each) for each in wanted]:
        return False
    Contact.objects.filter(patron=patron).delete()
    Contact.objects.bulk_create(wanted)
    return True


def _contact_said(row: Contact) -> dict[str, Any]:
    return asdict(ContactFacts.of(row)) | {"is_loaded": row.is_loaded}


def replace_notes(patron: Patron, notes: Sequence[NoteFacts], actor: Actor, at: datetime) -> bool:
    checked = [_checked_note(each) for each in notes]
    there = list(PatronNote.objects.filter(patron=patron).order_by("pk"))
    gone, new = _compared(there, checked, lambda row: NoteFacts(row.type, row.text, row.is_popup, row.is_user_viewable))
    PatronNote.objects.filter(pk__in=[each.pk for each in gone]).delete()
    PatronNote.objects.bulk_create(
        PatronNote(institution_id=patron.institution_id, patron=patron, created_at=at, created_by=actor.name,
                   **asdict(each))
        for each in new
    )  # fmt: skip
    return bool(gone or new)


def _checked_note(note: NoteFacts) -> NoteFacts:
    if not note.type:
        raise FieldMissing("type")
    check_text("type", note.type, _CODE_LIMIT)
    clean = replace(note, text=note.text.strip())
    check_text("text", clean.text, TEXT_LIMIT, needed=True)
    return clean


def replace_blocks(patron: Patron, blocks: Sequence[BlockFacts], actor: Actor, at: datetime) -> bool:
    """One that is not sent any more is lifted, as by hand."""
    zone = Institution.objects.get(pk=actor.institution_id).zone
    checked = [_checked_block(each) for each in blocks]
    there = list(PatronBlock.objects.filter(patron=patron, lifted_at=None).order_by("pk"))
    gone, new = _compared(
        there, checked, lambda row: BlockFacts(description=row.description, type=row.type, note=row.note,
                                               expires_on=row.expires_on)
    )  # fmt: skip
    for row in gone:
        row.lifted_at, row.lifted_by = at, actor.name
        row.save(update_fields=["lifted_at", "lifted_by"])
        _block_event("block.lifted", patron, row, actor, at)
    for facts in new:
        row = PatronBlock.objects.create(
            institution_id=patron.institution_id, patron=patron, created_at=at, created_by=actor.name, **asdict(facts)
        )
        if facts.expires_on is None or facts.expires_on >= local_day(at, zone):
            _block_event("block.set", patron, row, actor, at)
    return bool(gone or new)


def _block_event(name: str, patron: Patron, row: PatronBlock, actor: Actor, at: datetime) -> None:
    data: dict[str, Any] = {"seq": patron.seq + 1, "block": row.pk, "type": row.type}
    if name == "block.set":
        data["expires_on"] = row.expires_on.isoformat() if row.expires_on else None
    record(name, actor=actor, at=at, patron_id=patron.pk, data=data)


def _checked_block(facts: BlockFacts) -> BlockFacts:
    clean = replace(facts, description=facts.description.strip(), note=facts.note.strip())
    check_text("description", clean.description, DESCRIPTION_LIMIT, needed=True)
    check_text("note", clean.note, NOTE_LIMIT)
    if clean.type not in PatronBlock.Type.values:
        raise CodeUnknown("type")
    return clean


def _compared(there: Iterable[Row], wanted: Sequence[Any], said: Callable[[Row], Any]) -> tuple[list[Row], list[Any]]:
    """The rows that say nothing of what is wanted, and what no row says."""
    left = list(wanted)
    gone = []
    for row in there:
        if (facts := said(row)) in left:
            left.remove(facts)
        else:
            gone.append(row)
    return gone, left
