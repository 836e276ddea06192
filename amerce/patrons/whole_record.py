"""Writing a whole patron record at once, as a program sends it (row G1).

Why beside the commands of each part: a program says what the record shall be, not what changed of it. What is there
already stays as it is, so that who wrote it first, and when, is not lost by sending it again.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import Model

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.events.record import record as record_event
from amerce.inputs.checks import can_be_stored
from amerce.institutions.days import local_day
from amerce.institutions.models import Institution
from amerce.patrons.blocks import DESCRIPTION_LIMIT, NOTE_LIMIT, BlockFacts
from amerce.patrons.checks import check_id, check_text, difference
from amerce.patrons.contacts import checked_contact
from amerce.patrons.details import TOLD, Details, values_of
from amerce.patrons.errors import CodeUnknown, FieldMalformed, FieldMissing, FieldTooLong, IdTaken
from amerce.patrons.facts import ContactFacts, IdentifierFacts, preferring_one
from amerce.patrons.folding import fold_id
from amerce.patrons.load import write_names
from amerce.patrons.models import Contact, NameToken, Patron, PatronBlock, PatronIdentifier, PatronNote
from amerce.patrons.queries import PatronNotFound
from amerce.patrons.record import RecordOutcome
from amerce.patrons.set_identifier import NOTE_LIMIT as IDENTIFIER_NOTE_LIMIT
from amerce.patrons.set_identifier import VALUE_LIMIT
from amerce.patrons.write_patron_note import TEXT_LIMIT, NoteFacts

OTHER_FIELDS_LIMIT = 100_000
"""Characters of what is kept without being understood."""
_CODE_LIMIT, _SOURCE_LIMIT, _PASSWORD_LIMIT = 60, 100, 255

Row = TypeVar("Row", bound=Model)
Facts = TypeVar("Facts")


@dataclass(frozen=True)
class Sent(Generic[Facts]):
    """An identifier or a contact, and whether the source keeps it."""

    facts: Facts
    is_loaded: bool = False


@dataclass(frozen=True, kw_only=True)
class WholeRecord:
    """What the record shall be. A list that is None stays as it is; so does a ``password`` that is None.

    Codes of types may be any: the program's system knows them, and the page shows a code that has no label.
    ``other_fields`` replaces what was kept.
    """

    details: Details
    kind: str = Patron.Kind.INTERNAL
    source_system: str = ""
    identifiers: Sequence[Sent[IdentifierFacts]] | None = None
    contacts: Sequence[Sent[ContactFacts]] | None = None
    notes: Sequence[NoteFacts] | None = None
    blocks: Sequence[BlockFacts] | None = None
    password: str | None = None
    other_fields: Mapping[str, Any] = field(default_factory=dict)


def create_whole_record(*, actor: Actor, at: datetime, record: WholeRecord) -> RecordOutcome:
    """Raises ``NotAllowed``, ``IdTaken`` and what the fields are refused for."""
    _allow(actor, record)
    with transaction.atomic():
        patron = Patron(institution_id=actor.institution_id, created_at=at)
        _check(record)
        changed, _told = _write(patron, record, actor, at)
        record_event(
            "patron.created",
            actor=actor,
            at=at,
            patron_id=patron.pk,
            data={"seq": 0, "kind": patron.kind, "group": patron.group.code if patron.group else None},
        )
        return RecordOutcome(patron.pk, 0, changed=bool(changed))


def replace_whole_record(*, actor: Actor, at: datetime, patron_id: int, record: WholeRecord) -> RecordOutcome:
    """Make the record what ``record`` says; nothing is written when it is so already.

    Raises ``NotAllowed``, ``PatronNotFound``, ``IdTaken`` and what the fields are refused for.
    """
    _allow(actor, record)
    with transaction.atomic():
        rows = Patron.objects.select_for_update(no_key=True, of=("self",)).select_related("group")
        patron = rows.filter(institution_id=actor.institution_id, pk=patron_id).first()
        if patron is None:
            raise PatronNotFound(patron_id)
        _check(record)
        seq = patron.seq
        changed, told = _write(patron, record, actor, at)
        if not changed:
            return RecordOutcome(patron.pk, seq, changed=False)
        data = {"seq": patron.seq, **told, "changed": changed}
        record_event("patron.edited", actor=actor, at=at, patron_id=patron.pk, data=data)
        return RecordOutcome(patron.pk, patron.seq)


def _allow(actor: Actor, record: WholeRecord) -> None:
    require(actor, Privilege.PATRON_EDIT)
    if record.blocks:
        require(actor, Privilege.BLOCK_SET)


def _check(record: WholeRecord) -> None:
    if record.kind not in Patron.Kind.values:
        raise CodeUnknown("account_type")
    check_text("external_id", record.source_system, _SOURCE_LIMIT)
    if record.password is not None and len(record.password) > _PASSWORD_LIMIT:
        raise FieldTooLong("password", _PASSWORD_LIMIT)
    if len(json.dumps(record.other_fields)) > OTHER_FIELDS_LIMIT:
        raise FieldTooLong("other_fields", OTHER_FIELDS_LIMIT)
    if not _can_be_stored(record.other_fields):
        raise FieldMalformed("other_fields")


def _can_be_stored(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(can_be_stored(key) and _can_be_stored(each) for key, each in value.items())
    if isinstance(value, list):
        return all(_can_be_stored(each) for each in value)
    return can_be_stored(value) if isinstance(value, str) else True


def _write(patron: Patron, record: WholeRecord, actor: Actor, at: datetime) -> tuple[list[str], dict[str, Any]]:
    """The names of what changed, and of the codes and days among them what they were."""
    is_new = patron.pk is None
    group = record.details.check(
        actor.institution_id, kept_language=record.details.preferred_language, kept_group_id=patron.group_id
    )
    check_text("preferred_language", record.details.preferred_language, _CODE_LIMIT)
    before = {} if is_new else values_of(patron)
    after = record.details.values(group)
    told = difference(before, after, told=TOLD)
    changed: list[str] = list(told["changed"])
    for name in changed:
        setattr(patron, name, group if name == "group" else after[name])
    columns = {"kind": record.kind, "source_system": record.source_system, "other_fields": dict(record.other_fields)}
    for name, value in columns.items():
        if getattr(patron, name) != value:
            setattr(patron, name, value)
            changed.append(name)
    if record.password:
        patron.password = make_password(record.password)
        changed.append("password")
    patron.primary_folded = fold_id(patron.primary_id)
    _refuse_taken(patron)
    try:
        with transaction.atomic():
            if is_new:
                patron.save()
            changed += _lists(patron, record, actor, at)
            if changed and not is_new:
                patron.seq += 1
                patron.save()
    except IntegrityError as error:  # somebody took an id in the same moment
        raise IdTaken("primary_id") from error
    if {"first_name", "middle_name", "last_name"} & set(changed):
        NameToken.objects.filter(patron=patron).delete()
        write_names([patron])
    return changed, told


def _refuse_taken(patron: Patron) -> None:
    same = Patron.objects.filter(institution_id=patron.institution_id, primary_folded=patron.primary_folded)
    if same.exclude(pk=patron.pk).exists():
        raise IdTaken("primary_id")


def _lists(patron: Patron, record: WholeRecord, actor: Actor, at: datetime) -> list[str]:
    changed = []
    if record.identifiers is not None and _identifiers(patron, record.identifiers):
        changed.append("identifiers")
    if record.contacts is not None and _contacts(patron, record.contacts, actor):
        changed.append("contacts")
    if record.notes is not None and _notes(patron, record.notes, actor, at):
        changed.append("notes")
    if record.blocks is not None and _blocks(patron, record.blocks, actor, at):
        changed.append("blocks")
    return changed


def _identifiers(patron: Patron, given: Sequence[Sent[IdentifierFacts]]) -> bool:
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


def _contacts(patron: Patron, given: Sequence[Sent[ContactFacts]], actor: Actor) -> bool:
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


def _notes(patron: Patron, notes: Sequence[NoteFacts], actor: Actor, at: datetime) -> bool:
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


def _blocks(patron: Patron, blocks: Sequence[BlockFacts], actor: Actor, at: datetime) -> bool:
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
    record_event(name, actor=actor, at=at, patron_id=patron.pk, data=data)


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
