"""Setting the next number of a bursar sequence by hand (row C4)."""

from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.events.record import record
from amerce.inputs.checks import checked_number, checked_text
from amerce.inputs.stamp import require_unchanged
from amerce.institutions.bursar_sequences import CHANGED, NextNumber, highest, lowest
from amerce.institutions.locked_sequence import locked_sequence
from amerce.institutions.models import BursarSequence, SkippedNumbers
from amerce.institutions.sequence_errors import NumberUsed

REASON_LIMIT = 200


def set_next_number(
    *,
    actor: Actor,
    at: datetime,
    sequence_id: int,
    next_value: int,
    reason: str = "",
    expected_stamp: str | None = None,
) -> bool:
    """Let the sequence go on with ``next_value``: forward, or back as long as no number is given out twice.

    What is skipped so is kept with ``reason``, who and when. False when it was the next number already.
    ``expected_stamp`` is that of ``NextNumber.of`` when the page was made, so an export since then is told. Raises
    ``NotAllowed``, ``RowNotFound``, ``OutOfDate``, ``TextTooLong``, ``TextMalformed``, ``NumberUsed``, and
    ``NumberOutOfRange`` below the start or above what the padding holds.
    """
    require_for(actor, Privilege.CHARGES_CONFIGURE, EVERYWHERE)
    checked_text("reason", reason, REASON_LIMIT)
    with transaction.atomic():
        sequence = locked_sequence(actor, sequence_id)
        before = NextNumber.of(sequence)
        if next_value == before.next_value:
            return False
        require_unchanged(before, expected_stamp)
        check_next_number(sequence, next_value)
        sequence.next_value, sequence.updated_by, sequence.updated_at = next_value, actor.name, at
        sequence.save(update_fields=["next_value", "updated_by", "updated_at"])
        _keep_skipped(actor, at, sequence, reason.strip())
        data = {"row": sequence.pk, "before": asdict(before), "after": asdict(NextNumber.of(sequence))}
        record(CHANGED, actor=actor, at=at, data=data)
        return True


def check_next_number(sequence: BursarSequence, next_value: int) -> None:
    """Raise what ``set_next_number`` would, before somebody is asked whether they mean it."""
    if sequence.last_taken is not None and next_value <= sequence.last_taken:
        raise NumberUsed("next_value", sequence.last_taken)
    checked_number("next_value", next_value, lowest(sequence), highest(sequence.padding))


def _keep_skipped(actor: Actor, at: datetime, sequence: BursarSequence, reason: str) -> None:
    """What was to be skipped before, and was not reached by an export, is not skipped any more."""
    first = lowest(sequence)
    sequence.skipped.filter(first__gte=first).delete()
    if sequence.next_value > first:
        SkippedNumbers.objects.create(
            institution_id=actor.institution_id,
            sequence=sequence,
            first=first,
            last=sequence.next_value - 1,
            reason=reason,
            created_by=actor.name,
            created_at=at,
        )
