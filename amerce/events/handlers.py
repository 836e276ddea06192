"""What hangs on events, and how it is found (``docs/adr/0013-what-follows-from-an-event.md``).

Why through a setting: handlers live in packages above this one, and only ``config`` knows them all.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from amerce.events.models import Event


@dataclass(frozen=True, kw_only=True)
class Handler:
    """Work that follows from some events, done after their transaction and never undoing it.

    ``events`` of None are all of them. ``wants`` looks at an event's data, ``listens`` at its institution; both must be
    quick: they are asked in the transaction of the command, ``listens`` of what is wanted only. ``handle``
    gets the event and the time, in a transaction of its own in which the delivery becomes done as well, so that what
    it writes is written once. What it raises is logged, and it is called again later. ``name`` stays as it is once
    there are deliveries by it.
    """

    name: str
    events: frozenset[str] | None
    wants: Callable[[Mapping[str, Any]], bool]
    handle: Callable[[Event, datetime], None]
    listens: Callable[[int | None], bool] = lambda _institution_id: True


def find_handler(name: str) -> Handler:
    """The handler of that name. Raises ``LookupError`` when it is not wired any more."""
    for handler in _handlers():
        if handler.name == name:
            return handler
    raise LookupError(f"no handler is called {name}")


def handlers_of(event: Event) -> list[Handler]:
    """Those that want ``event``."""
    return [each for each in _handlers() if _is_wanted(each, event)]


def _is_wanted(handler: Handler, event: Event) -> bool:
    is_named = handler.events is None or event.name in handler.events
    return is_named and handler.wants(event.data) and handler.listens(event.institution_id)


def _handlers() -> Sequence[Handler]:
    found: Sequence[Handler] = import_string(settings.AMERCE_HANDLERS)
    return found
