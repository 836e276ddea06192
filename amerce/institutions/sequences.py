"""Taking numbers from a sequence row."""

from django.db.models import F

from amerce.institutions.models import NumberSequence

RECEIPT = "receipt"


def next_number(institution_id: int, name: str) -> int:
    """Take the next number of the sequence. Call it late in a transaction: its row stays locked until the end.

    Taken and rolled back is not taken, so there are no gaps. Raises ``NumberSequence.DoesNotExist``.
    """
    row = NumberSequence.objects.filter(institution_id=institution_id, name=name)
    if not row.update(next_value=F("next_value") + 1):
        raise NumberSequence.DoesNotExist(name)
    return row.values_list("next_value", flat=True).get() - 1
