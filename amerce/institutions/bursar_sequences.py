"""Bursar sequences: what they say, how an id is written, and reading them (row C4)."""

from dataclasses import dataclass

from django.db.models import F, QuerySet

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.inputs.checks import possible_ids
from amerce.inputs.errors import RowNotFound
from amerce.institutions.models import BursarSequence, SkippedNumbers

DIGITS_LIMIT = 18
"""What every database counts to."""
CHANGED = "bursar_sequence.changed"


@dataclass(frozen=True, kw_only=True)
class SequenceFacts:
    """The words are those of ``BursarSequence``."""

    name: str
    library_id: int | None = None
    start: int = 1
    prefix: str = ""
    padding: int = 0

    @classmethod
    def of(cls, sequence: BursarSequence) -> "SequenceFacts":
        return cls(**{name: getattr(sequence, name) for name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class NextNumber:
    """The number that the next exported fee gets."""

    next_value: int

    @classmethod
    def of(cls, sequence: BursarSequence) -> "NextNumber":
        return cls(sequence.next_value)


def transaction_id(prefix: str, padding: int, number: int) -> str:
    """Prefix + sequence: ``ABC`` and 32 are ABC32, with a padding of 10 ABC0000000032."""
    return f"{prefix}{number:0{padding}}"


def highest(padding: int) -> int:
    """The highest number that fits the padding."""
    return int(10 ** (padding or DIGITS_LIMIT)) - 1


def lowest(sequence: BursarSequence) -> int:
    """The lowest number that was not given out: below it none is ever free."""
    return sequence.start if sequence.last_taken is None else sequence.last_taken + 1


def bursar_sequences(actor: Actor) -> QuerySet[BursarSequence]:
    """Every sequence with its library, that of all other libraries first."""
    require(actor, Privilege.CHARGES_CONFIGURE)
    live = BursarSequence.objects.filter(institution_id=actor.institution_id, removed_at=None)
    return live.select_related("library").order_by(F("library__name").asc(nulls_first=True), "pk")


def get_bursar_sequence(actor: Actor, sequence_id: int) -> BursarSequence:
    """One sequence. Raises ``RowNotFound``."""
    found = bursar_sequences(actor).filter(pk__in=possible_ids([sequence_id])).first()
    if found is None:
        raise RowNotFound(sequence_id)
    return found


def skipped_numbers(actor: Actor) -> QuerySet[SkippedNumbers]:
    """Every run of numbers that was never given out with its sequence, also of those deleted, the latest first."""
    require(actor, Privilege.CHARGES_CONFIGURE)
    return SkippedNumbers.objects.filter(institution_id=actor.institution_id).select_related("sequence").order_by("-pk")
