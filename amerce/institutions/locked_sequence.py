"""A bursar sequence as its commands find it: the institution locked against other changes, the row against exports."""

from typing import Any

from amerce.access.actors import Actor
from amerce.inputs.checks import possible_ids
from amerce.inputs.errors import RowNotFound
from amerce.institutions.configuring import locked_institution
from amerce.institutions.models import BursarSequence


def locked_sequence(actor: Actor, sequence_id: int) -> BursarSequence:
    """Raises ``RowNotFound``."""
    locked_institution(actor)
    live: Any = BursarSequence.objects.select_for_update().filter(institution_id=actor.institution_id, removed_at=None)
    found: BursarSequence | None = live.filter(pk__in=possible_ids([sequence_id])).first()
    if found is None:
        raise RowNotFound(sequence_id)
    return found
