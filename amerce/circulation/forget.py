"""Whose loans they were, taken out of the events that tell of them (row E3).

Why here: an event says with a plain id what it is about, and only circulation knows which of its events are of loans.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from amerce.events.models import Event

_OF_LOANS = "loan."


def forget_borrowers(institution_id: int, loans: Mapping[int, int]) -> int:
    """Let the events of ``loans``, loan id to patron id, say no more to whom they happened; how many did.

    An event that moved money stays as it is: what was charged is the patron's, and so is the story of it.
    """
    events = Event.objects.filter(
        institution_id=institution_id, patron_id__in=set(loans.values()), name__startswith=_OF_LOANS
    )
    told = events.order_by("pk").values_list("pk", "data").iterator(chunk_size=2000)
    ids = [pk for pk, data in told if _is_of(data, loans)]
    return Event.objects.filter(pk__in=ids, institution_id=institution_id).update(patron_id=None)


def _is_of(data: Mapping[str, Any], loan_ids: Collection[int]) -> bool:
    return not data.get("lines") and any(each in loan_ids for each in _loan_ids(data))


def _loan_ids(data: Mapping[str, Any]) -> Iterator[int]:
    """One loan, or as ``circulation.renew`` writes it several with the days on which they are due."""
    if "loan" in data:
        yield data["loan"]
    for loan_id, _due_at in data.get("loans", ()):
        yield loan_id
