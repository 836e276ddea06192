"""Writing a whole patron record at once, as a program sends it (row G1).

Why beside the commands of each part: a program says what the record shall be, not what changed of it. What is there
already stays as it is, so that who wrote it first, and when, is not lost by sending it again.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.events.record import record as record_event
from amerce.inputs.checks import can_be_stored
from amerce.patrons.blocks import BlockFacts
from amerce.patrons.checks import check_text, difference
from amerce.patrons.details import TOLD, Details, values_of
from amerce.patrons.errors import CodeUnknown, FieldMalformed, FieldTooLong, IdTaken, RecordChanged
from amerce.patrons.facts import ContactFacts, IdentifierFacts
from amerce.patrons.folding import fold_id
from amerce.patrons.load import write_names
from amerce.patrons.models import NameToken, Patron
from amerce.patrons.queries import PatronNotFound
from amerce.patrons.record import RecordOutcome
from amerce.patrons.whole_lists import Sent, replace_blocks, replace_contacts, replace_identifiers, replace_notes
from amerce.patrons.write_patron_note import NoteFacts

OTHER_FIELDS_LIMIT = 100_000
"""Characters of what is kept without being understood."""
_CODE_LIMIT, _SOURCE_LIMIT, _PASSWORD_LIMIT = 60, 100, 255


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


def replace_whole_record(
    *, actor: Actor, at: datetime, patron_id: int, record: WholeRecord, expected_seq: int | None = None
) -> RecordOutcome:
    """Make the record what ``record`` says; nothing is written when it is so already.

    Whoever fills ``record`` up from what stands says by ``expected_seq`` what it was read from. Raises ``NotAllowed``,
    ``PatronNotFound``, ``RecordChanged``, ``IdTaken`` and what the fields are refused for.
    """
    _allow(actor, record)
    with transaction.atomic():
        rows = Patron.objects.select_for_update(no_key=True, of=("self",)).select_related("group")
        patron = rows.filter(institution_id=actor.institution_id, pk=patron_id).first()
        if patron is None:
            raise PatronNotFound(patron_id)
        seq = patron.seq
        if expected_seq is not None and expected_seq != seq:
            raise RecordChanged(expected_seq, seq)
        _check(record)
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
    if record.identifiers is not None and replace_identifiers(patron, record.identifiers):
        changed.append("identifiers")
    if record.contacts is not None and replace_contacts(patron, record.contacts, actor):
        changed.append("contacts")
    if record.notes is not None and replace_notes(patron, record.notes, actor, at):
        changed.append("notes")
    if record.blocks is not None and replace_blocks(patron, record.blocks, actor, at):
        changed.append("blocks")
    return changed
