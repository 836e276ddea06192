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

    ``wants`` looks at an event's data and must be quick: it is asked in the transaction of the command. ``handle``
    gets the event and the time, in a transaction of its own in which the delivery becomes done as well, so that what
    it writes is written once. What it raises is logged, and it is called again later. ``name`` stays as it is once
    there are deliveries by it.
    """

    name: str
    events: frozenset[str]
    wants: Callable[[Mapping[str, Any]], bool]
    handle: Callable[[Event, datetime], None]


def find_handler(name: str) -> Handler:
    """The handler of that name. Raises ``LookupError`` when it is not wired any more."""
    for handler in _handlers():
        if handler.name == name:
            return handler
    raise LookupError(f"no handler is called {name}")


def handlers_of(event: Event) -> list[Handler]:
    """Those that want ``event``."""
    return [each for each in _handlers() if event.name in each.events and each.wants(event.data)]


def _handlers() -> Sequence[Handler]:
    found: Sequence[Handler] = import_string(settings.AMERCE_HANDLERS)
    return found
