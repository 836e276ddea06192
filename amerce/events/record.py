"""Writing an event. Called last in every command, in the command's transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from amerce.events.deliver import plan_deliveries
from amerce.events.handlers import handlers_of
from amerce.events.models import Event
from amerce.sql import fresh, insert


class Who(Protocol):
    """What an event needs to know of the one who acted."""

    @property
    def account_id(self) -> int | None: ...
    @property
    def institution_id(self) -> int | None: ...
    @property
    def name(self) -> str: ...
    @property
    def library_id(self) -> int | None: ...
    @property
    def desk_id(self) -> int | None: ...


def record(name: str, *, actor: Who, at: datetime, patron_id: int | None = None, data: Mapping[str, Any]) -> Event:
    """Write the event ``name``. ``data`` holds ids, codes and minor units, never a person's name or words.

    What hangs on it (``config/wiring.py``) happens once the transaction is committed.
    """
    event = event_of(name, actor=actor, at=at, patron_id=patron_id, data=data)
    record_all([event])
    return event


def event_of(name: str, *, actor: Who, at: datetime, patron_id: int | None = None, data: Mapping[str, Any]) -> Event:
    """The event, for ``record_all``."""
    return fresh(
        Event,
        institution_id=actor.institution_id,
        name=name,
        at=at,
        actor_id=actor.account_id,
        actor_name=actor.name,
        library_id=actor.library_id,
        desk_id=actor.desk_id,
        patron_id=patron_id,
        data=dict(data),
    )


def record_all(events: Sequence[Event]) -> None:
    """Write events as ``record`` does, by one statement. They get their ids if anything hangs on one of them."""
    planned = [(event, handlers) for event in events if (handlers := handlers_of(event))]
    insert(events, needs_ids=bool(planned))
    for event, handlers in planned:
        plan_deliveries(event, handlers)
