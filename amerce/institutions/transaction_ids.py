"""Taking bursar transaction ids from their sequences (row C4)."""

from collections import Counter
from collections.abc import Sequence

from django.db.models import Q

from amerce.institutions.bursar_sequences import highest, transaction_id
from amerce.institutions.models import BursarSequence
from amerce.institutions.sequence_errors import SequenceFull


def take_transaction_ids(institution_id: int, library_ids: Sequence[int | None]) -> list[str]:
    """The next id for each library, None being the institution, in their order; empty where no sequence serves it.

    Call it late in a transaction: the sequences stay locked until its end. Taken and rolled back is not taken, so the
    only gaps are those that ``set_next_number`` made. Raises ``SequenceFull`` before the first is taken.
    """
    serving = Q(library_id__in={each for each in library_ids if each is not None}) | Q(library=None)
    live = BursarSequence.objects.select_for_update().filter(institution_id=institution_id, removed_at=None)
    locked = {sequence.library_id: sequence for sequence in live.filter(serving).order_by("pk")}
    chosen = [locked.get(each) or locked.get(None) for each in library_ids]
    needed = Counter(sequence.pk for sequence in chosen if sequence)
    for sequence in locked.values():
        check_room(sequence, needed[sequence.pk])
    taken = [_take(sequence) if sequence else "" for sequence in chosen]
    BursarSequence.objects.bulk_update(
        [each for each in locked.values() if needed[each.pk]], ["next_value", "last_taken"]
    )
    return taken


def check_room(sequence: BursarSequence, count: int) -> None:
    """Raise ``SequenceFull`` unless the padding has room for ``count`` more numbers, so that an export is not begun."""
    room = highest(sequence.padding) + 1 - sequence.next_value
    if count > room:
        raise SequenceFull(sequence.name, count, room)


def _take(sequence: BursarSequence) -> str:
    sequence.last_taken = sequence.next_value
    sequence.next_value += 1
    return transaction_id(sequence.prefix, sequence.padding, sequence.last_taken)
