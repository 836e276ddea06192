"""Taking numbers from a sequence row."""

from amerce.institutions.models import NumberSequence
from amerce.sql import Select, update

RECEIPT = "receipt"


def next_number(institution_id: int, name: str) -> int:
    """Take the next number of the sequence. Call it late in a transaction: its row stays locked until the end.

    Taken and rolled back is not taken, so there are no gaps. Raises ``NumberSequence.DoesNotExist``.
    """
    row = _LOCKED.first(institution_id, name)
    if row is None:
        raise NumberSequence.DoesNotExist(name)
    number = row.next_value
    row.next_value = number + 1
    update(row, ("next_value",))
    return number


_LOCKED = Select(
    lambda institution_id, name: NumberSequence.objects.select_for_update().filter(
        institution_id=institution_id, name=name
    )
)
