"""Adding an identifier to a patron, or changing one that was added by hand."""

from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError, transaction

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.institutions.models import CodeEntry
from amerce.patrons.checks import check_codes, check_id, check_text, difference
from amerce.patrons.errors import FieldMissing, IdTaken, RowNotFound
from amerce.patrons.facts import IdentifierFacts
from amerce.patrons.folding import fold_id
from amerce.patrons.models import Patron, PatronIdentifier
from amerce.patrons.record import RecordOutcome, close_record, lock_record, refuse_loaded

VALUE_LIMIT, NOTE_LIMIT = 100, 2000


def set_identifier(
    *,
    actor: Actor,
    at: datetime,
    patron_id: int,
    expected_seq: int,
    identifier: IdentifierFacts,
    identifier_id: int | None = None,
) -> RecordOutcome:
    """``identifier_id`` is the one to change, None adds one. Raises ``NotAllowed``, ``PatronNotFound``,
    ``RecordChanged``, ``RowNotFound``, ``RowProtected``, ``IdTaken`` and what the fields are refused for."""
    require(actor, Privilege.PATRON_EDIT)
    with transaction.atomic():
        patron = lock_record(actor, patron_id, expected_seq)
        before = _row(patron, identifier_id)
        facts = checked_identifier(actor, identifier, kept=before.type if before else "")
        row = facts.row(patron, is_loaded=False)
        row.pk = before.pk if before else None
        told = difference(_values(before), _values(row), told=frozenset({"type"}))
        if not told["changed"]:
            return RecordOutcome(patron.pk, patron.seq, row.pk, changed=False)
        _refuse_taken(row)
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError as error:  # somebody took it in the same moment
            raise IdTaken("value") from error
        data = {"identifier": row.pk, "type": row.type, "is_new": before is None, **told}
        return close_record(patron, "patron.identifier_set", actor=actor, at=at, data=data, row_id=row.pk)


def checked_identifier(actor: Actor, facts: IdentifierFacts, *, kept: str = "") -> IdentifierFacts:
    """Without surrounding space. Raises what the fields are refused for."""
    if not facts.type:
        raise FieldMissing("type")
    check_codes(actor.institution_id, CodeEntry.Table.IDENTIFIER_TYPE, "type", [facts.type], kept=[kept])
    stripped = replace(facts, value=facts.value.strip(), note=facts.note.strip())
    check_id("value", stripped.value, VALUE_LIMIT)
    check_text("note", stripped.note, NOTE_LIMIT)
    return stripped


def _row(patron: Patron, identifier_id: int | None) -> PatronIdentifier | None:
    if identifier_id is None:
        return None
    row = PatronIdentifier.objects.filter(patron=patron, pk=identifier_id).first()
    if row is None:
        raise RowNotFound
    refuse_loaded(patron, is_loaded=row.is_loaded)
    return row


def _refuse_taken(row: PatronIdentifier) -> None:
    same = PatronIdentifier.objects.filter(
        institution_id=row.institution_id, type=row.type, folded=fold_id(row.value)
    ).exclude(pk=row.pk)
    if same.exists():
        raise IdTaken("value")


def _values(row: PatronIdentifier | None) -> dict[str, str]:
    return {"type": row.type, "value": row.value, "note": row.note} if row else {}
