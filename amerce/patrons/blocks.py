"""Blocks that somebody sets by hand on a patron record, and lifts again (row C7).

Why a lifted block stays: it says who stopped the patron, who let go, and when.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.institutions.days import local_day
from amerce.institutions.models import Institution
from amerce.patrons.checks import check_text
from amerce.patrons.errors import CodeUnknown, PersonError, RowNotFound
from amerce.patrons.models import PatronBlock
from amerce.patrons.record import RecordOutcome, close_record, lock_record

DESCRIPTION_LIMIT = 255
NOTE_LIMIT = 2000


class BlockOver(PersonError):
    """It would end before it begins."""

    field = "expires_on"


class BlockLifted(PersonError):
    """The block was lifted before."""


@dataclass(frozen=True, kw_only=True)
class BlockFacts:
    """What a block says: ``description`` is what the desk reads, ``expires_on`` the last day on which it blocks."""

    description: str
    type: str = PatronBlock.Type.GENERAL
    note: str = ""
    expires_on: date | None = None


def set_block(*, actor: Actor, at: datetime, patron_id: int, expected_seq: int, facts: BlockFacts) -> RecordOutcome:
    """Block the patron from now on. ``row_id`` of the outcome is the block.

    Raises ``NotAllowed``, ``PatronNotFound``, ``RecordChanged``, ``FieldMissing``, ``FieldTooLong``,
    ``FieldMalformed``, ``CodeUnknown`` for the type, and ``BlockOver`` for a last day that is over.
    """
    require(actor, Privilege.BLOCK_SET)
    with transaction.atomic():
        patron = lock_record(actor, patron_id, expected_seq)
        _check(facts, today=_today(actor, at))
        block = PatronBlock.objects.create(
            institution_id=patron.institution_id,
            patron=patron,
            type=facts.type,
            description=facts.description.strip(),
            note=facts.note.strip(),
            expires_on=facts.expires_on,
            created_at=at,
            created_by=actor.name,
        )
        expires_on = facts.expires_on.isoformat() if facts.expires_on else None
        data = {"block": block.pk, "type": facts.type, "expires_on": expires_on}
        return close_record(patron, "block.set", actor=actor, at=at, data=data, row_id=block.pk)


def lift_block(*, actor: Actor, at: datetime, patron_id: int, expected_seq: int, block_id: int) -> RecordOutcome:
    """End the block at once. Raises ``NotAllowed``, ``PatronNotFound``, ``RecordChanged``, ``RowNotFound``,
    ``BlockLifted``."""
    require(actor, Privilege.BLOCK_SET)
    with transaction.atomic():
        patron = lock_record(actor, patron_id, expected_seq)
        block = PatronBlock.objects.filter(patron=patron, pk=block_id).first()
        if block is None:
            raise RowNotFound
        if block.lifted_at is not None:
            raise BlockLifted
        block.lifted_at, block.lifted_by = at, actor.name
        block.save(update_fields=["lifted_at", "lifted_by"])
        data = {"block": block.pk, "type": block.type}
        return close_record(patron, "block.lifted", actor=actor, at=at, data=data, row_id=block.pk)


def set_blocks(actor: Actor, patron_id: int) -> QuerySet[PatronBlock]:
    """Every block that was ever set on the patron, those that hold first, then the newest."""
    require(actor, Privilege.PATRON_VIEW)
    blocks = PatronBlock.objects.filter(institution_id=actor.institution_id, patron_id=patron_id)
    return blocks.order_by(F("lifted_at").asc(nulls_first=True), "-created_at", "-pk")


def holding(today: date) -> Q:
    """Blocks that are not lifted and have not run out by ``today``, a day in the institution's zone."""
    return Q(lifted_at=None) & (Q(expires_on=None) | Q(expires_on__gte=today))


def _check(facts: BlockFacts, *, today: date) -> None:
    check_text("description", facts.description, DESCRIPTION_LIMIT, needed=True)
    check_text("note", facts.note, NOTE_LIMIT)
    if facts.type not in PatronBlock.Type.values:
        raise CodeUnknown("type")
    if facts.expires_on is not None and facts.expires_on < today:
        raise BlockOver


def _today(actor: Actor, at: datetime) -> date:
    return local_day(at, Institution.objects.get(pk=actor.institution_id).zone)
