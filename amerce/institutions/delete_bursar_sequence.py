"""Deleting a bursar sequence (row C4). Fees keep the ids that it gave them."""

from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.events.record import record
from amerce.inputs.stamp import require_unchanged
from amerce.institutions.bursar_sequences import CHANGED, SequenceFacts, lowest
from amerce.institutions.locked_sequence import locked_sequence


def delete_bursar_sequence(*, actor: Actor, at: datetime, sequence_id: int, expected_stamp: str | None = None) -> None:
    """Delete a sequence: its library has that of all libraries from now on, if there is one.

    ``expected_stamp`` is that of ``SequenceFacts.of`` when the page was made. Raises ``NotAllowed``, ``RowNotFound``,
    ``OutOfDate``.
    """
    require_for(actor, Privilege.CHARGES_CONFIGURE, EVERYWHERE)
    with transaction.atomic():
        sequence = locked_sequence(actor, sequence_id)
        before = SequenceFacts.of(sequence)
        require_unchanged(before, expected_stamp)
        if sequence.last_taken is None:
            sequence.delete()
        else:
            sequence.removed_at, sequence.updated_by, sequence.updated_at = at, actor.name, at
            sequence.save(update_fields=["removed_at", "updated_by", "updated_at"])
            sequence.skipped.filter(first__gte=lowest(sequence)).delete()  # another one of its prefix may give them out
        record(CHANGED, actor=actor, at=at, data={"row": sequence_id, "before": asdict(before), "after": None})
