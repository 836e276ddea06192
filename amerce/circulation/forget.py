"""Whose loans and requests they were, taken out of the events that tell of them (row E3).

Why here: an event says with a plain id what it is about, and only circulation knows which of its events are of loans.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from amerce.events.models import Event
from amerce.patrons.models import Note
from amerce.sql import update_all

_OF_LOANS = "loan."
_OF_REQUESTS = ("request.placed", "request.fulfilled", "request.cancelled")


def forget_borrowers(institution_id: int, loans: Mapping[int, int]) -> int:
    """Let the events of ``loans``, loan id to patron id, say no more to whom they happened; how many did.

    An event that moved money stays the patron's, as what was charged is, and so does a renewal of several loans as
    long as one of them is the patron's. Of those that are forgotten it names none any more.
    """
    told = [each for each in _of(institution_id, loans, name__startswith=_OF_LOANS) if _is_of(each.data, loans)]
    kept = [each for each in told if each.data.get("lines") or not loans.keys() >= set(_loan_ids(each.data))]
    for event in kept:
        if "loans" in event.data:
            event.data["loans"] = [each for each in event.data["loans"] if each[0] not in loans]
    update_all(kept, ("data",))
    return _forget(institution_id, [each for each in told if each not in kept])


def forget_requesters(institution_id: int, requests: Mapping[int, int]) -> int:
    """Let the events of ``requests``, request id to patron id, say no more who waited; how many did."""
    told = _of(institution_id, requests, name__in=_OF_REQUESTS)
    return _forget(institution_id, [each for each in told if each.data["request"] in requests])


def _of(institution_id: int, whose: Mapping[int, int], **named: Any) -> Iterable[Event]:
    events = Event.objects.filter(institution_id=institution_id, patron_id__in=set(whose.values()), **named)
    return events.order_by("pk").iterator(chunk_size=2000)


def _forget(institution_id: int, events: Sequence[Event]) -> int:
    """Neither the patron, nor the proxy who came, nor the words that were written about it."""
    told = [each for each in events if "proxy" in each.data or _note_ids(each)]
    notes = [note_id for each in told for note_id in _note_ids(each)]
    for event in told:
        event.data.pop("proxy", None)
        if "override" in event.data:
            event.data["override"]["note"] = None
        if event.name in _OF_REQUESTS and "note" in event.data:
            event.data["note"] = None
    update_all(told, ("data",))
    if notes:
        Note.objects.filter(institution_id=institution_id, pk__in=notes).delete()
    ids = [each.pk for each in events]
    return Event.objects.filter(institution_id=institution_id, pk__in=ids).update(patron_id=None)


def _note_ids(event: Event) -> list[int]:
    """Why a block was no bar, and what was said with a cancelled request. ``loan.noted`` names a note of the loan."""
    of_request = event.data.get("note") if event.name in _OF_REQUESTS else None
    of_override = event.data.get("override", {}).get("note")
    return [each for each in (of_request, of_override) if each is not None]


def _is_of(data: Mapping[str, Any], loan_ids: Collection[int]) -> bool:
    return any(each in loan_ids for each in _loan_ids(data))


def _loan_ids(data: Mapping[str, Any]) -> Iterator[int]:
    """One loan, or as ``circulation.renew`` writes it several with the days on which they are due."""
    if "loan" in data:
        yield data["loan"]
    for loan_id, _due_at in data.get("loans", ()):
        yield loan_id
