"""Adding or changing a bursar sequence (row C4): one for a library, or for all without their own.

Why prefixes are kept apart: two fees with one bursar transaction id could not be told apart when they are paid.
``AB1`` and 23 read like ``AB`` and 123, so prefixes differ in more than the digits at their end.
"""

import string
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from django.db import transaction

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.events.record import record
from amerce.inputs.checks import checked_name, checked_number, checked_row, checked_text
from amerce.inputs.errors import NameTaken
from amerce.inputs.stamp import require_unchanged
from amerce.institutions.bursar_sequences import CHANGED, DIGITS_LIMIT, SequenceFacts, highest
from amerce.institutions.configuring import locked_institution
from amerce.institutions.locked_sequence import locked_sequence
from amerce.institutions.models import BursarSequence, Library
from amerce.institutions.sequence_errors import (
    LibraryHasSequence,
    NumberUsed,
    PaddingTooSmall,
    PrefixTaken,
    SequenceInUse,
)

PREFIX_LIMIT = 40


@dataclass(frozen=True)
class SequenceSaved:
    """``is_changed`` is false for a sequence that said all of it before: then nothing was written."""

    sequence_id: int
    is_changed: bool


def save_bursar_sequence(
    *,
    actor: Actor,
    at: datetime,
    facts: SequenceFacts,
    sequence_id: int | None = None,
    expected_stamp: str | None = None,
) -> SequenceSaved:
    """Add a sequence that says ``facts``, or make the one of ``sequence_id`` say them.

    Its first number is the start; once numbers were given out, start and prefix stay. ``expected_stamp`` is that of
    ``SequenceFacts.of`` when the page was made. Raises ``NotAllowed``, ``RowNotFound``, ``OutOfDate``, ``NameMissing``,
    ``NameTaken``, ``TextTooLong``, ``TextMalformed``, ``ChoiceUnknown`` for the library, ``NumberOutOfRange``, and of
    ``sequence_errors`` ``LibraryHasSequence``, ``PrefixTaken``, ``SequenceInUse``, ``NumberUsed`` for a start that a
    deleted sequence of this prefix gave out, ``PaddingTooSmall``.
    """
    require_for(actor, Privilege.CHARGES_CONFIGURE, EVERYWHERE)
    after = replace(facts, name=facts.name.strip(), prefix=facts.prefix.strip())
    with transaction.atomic():
        if sequence_id is None:
            locked_institution(actor)
            sequence = BursarSequence(institution_id=actor.institution_id, next_value=after.start)
        else:
            sequence = locked_sequence(actor, sequence_id)
        before = SequenceFacts.of(sequence) if sequence.pk else None
        if before == after:
            return SequenceSaved(sequence.pk, is_changed=False)
        require_unchanged(before, expected_stamp)
        _check(sequence, before, after)
        if before and after.start != before.start:
            sequence.next_value = after.start
            sequence.skipped.all().delete()
        for name, value in asdict(after).items():
            setattr(sequence, name, value)
        sequence.updated_by, sequence.updated_at = actor.name, at
        sequence.save()
        data = {"row": sequence.pk, "before": asdict(before) if before else None, "after": asdict(after)}
        record(CHANGED, actor=actor, at=at, data=data)
        return SequenceSaved(sequence.pk, is_changed=True)


def _check(sequence: BursarSequence, before: SequenceFacts | None, after: SequenceFacts) -> None:
    every = BursarSequence.objects.filter(institution_id=sequence.institution_id).exclude(pk=sequence.pk or 0)
    others = list(every.filter(removed_at=None))
    checked_name("name", after.name)
    if taken := next((each.name for each in others if each.name.casefold() == after.name.casefold()), None):
        raise NameTaken("name", taken)
    if after.library_id is not None:
        checked_row("library_id", Library, sequence.institution_id, pk=after.library_id)
    if any(each.library_id == after.library_id for each in others):
        raise LibraryHasSequence
    checked_number("padding", after.padding, 0, DIGITS_LIMIT)
    checked_number("start", after.start, 0, highest(0))
    checked_text("prefix", after.prefix, PREFIX_LIMIT)
    if before and sequence.last_taken is not None:
        for field in ("start", "prefix"):
            if getattr(after, field) != getattr(before, field):
                raise SequenceInUse(field)
    else:
        _check_prefix(list(every), after)
    number = sequence.next_value if before and after.start == before.start else after.start
    if number > highest(after.padding):
        raise PaddingTooSmall(number)


def _check_prefix(others: list[BursarSequence], facts: SequenceFacts) -> None:
    """A deleted sequence is continued above its last number by one of the same prefix."""
    prefix = facts.prefix.casefold()
    for other in others:
        theirs = other.prefix.casefold()
        if theirs.rstrip(string.digits) != prefix.rstrip(string.digits):
            continue
        if other.removed_at is None or theirs != prefix:
            raise PrefixTaken(other.name)
        if other.last_taken is not None and facts.start <= other.last_taken:
            raise NumberUsed("start", other.last_taken)
