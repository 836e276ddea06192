"""Reading events. Who may read them is asked by whoever shows them: this package knows no privileges."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Max, QuerySet
from django.db.models.fields.json import KT

from amerce.events.models import Event, EventDelivery

SETTLED_AFTER = timedelta(seconds=60)
"""No transaction that writes events takes longer."""


def of_patron(institution_id: int, patron_id: int) -> QuerySet[Event]:
    """Everything that happened to one patron, newest first: by its time, since what was loaded later is older."""
    return Event.objects.filter(institution_id=institution_id, patron_id=patron_id).order_by("-at", "-id")


def of_actor(institution_id: int, actor_id: int, name: str, since: datetime) -> QuerySet[Event]:
    """The events of one name that one person made from ``since`` on, newest first."""
    events = Event.objects.filter(institution_id=institution_id, name=name, actor_id=actor_id, at__gte=since)
    return events.order_by("-id")


def those_of_patrons(institution_id: int, patron_ids: Collection[int], name: str, after: datetime) -> QuerySet[Event]:
    """The events of one name that happened to any of some patrons later than ``after``."""
    return Event.objects.filter(institution_id=institution_id, patron_id__in=patron_ids, name=name, at__gt=after)


def feed(institution_id: int, after_id: int, name: str = "", library_id: int | None = None) -> QuerySet[Event]:
    """What happened with a higher id, by id; of one ``name``, or of those that begin with one ending in a dot; in one
    library, if it is given."""
    events = Event.objects.filter(institution_id=institution_id, id__gt=after_id).order_by("id")
    if library_id is not None:
        events = events.filter(library_id=library_id)
    if "\0" in name:
        return events.none()
    if name.endswith("."):
        return events.filter(name__startswith=name)
    return events.filter(name=name) if name else events


def settled_until(events: Sequence[Event], after_id: int, at: datetime) -> int:
    """The id behind which no event of a lower id can come to be any more: where a feed is asked for the next time.

    PostgreSQL gives an id when an event is written and shows it when its transaction ends, so an event of a moment ago
    may still have an unseen one before it. SQLite has one writer, and shows them in their order.
    """
    if connection.vendor == "sqlite":
        return events[-1].pk if events else after_id
    settled = after_id
    for each in events:
        if each.at > at - SETTLED_AFTER:
            break
        settled = each.pk
    return settled


def failing(institution_id: int) -> QuerySet[EventDelivery]:
    """What should have followed from an event and failed so far, with the event, the oldest first."""
    waiting = EventDelivery.objects.filter(institution_id=institution_id, done_at=None, attempts__gt=0)
    return waiting.select_related("event").order_by("pk")


def changes_of(institution_id: int, name: str, **which: Any) -> QuerySet[Event]:
    """The events of one name whose data say ``which`` (``row=7``), newest first."""
    said = {f"data__{key}": value for key, value in which.items()}
    return Event.objects.filter(institution_id=institution_id, name=name, **said).order_by("-id")


def last_changes(institution_id: int, names: Collection[str]) -> dict[tuple[str, str | None], Event]:
    """The newest event of each of ``names``, and of each code table that its data name apart. Two queries."""
    events = Event.objects.filter(institution_id=institution_id, name__in=names)
    newest = events.values("name", table=KT("data__table")).annotate(newest=Max("id")).order_by()
    found = {each["newest"]: (each["name"], each["table"]) for each in newest}
    return {found[each.pk]: each for each in Event.objects.filter(institution_id=institution_id, pk__in=found)}
