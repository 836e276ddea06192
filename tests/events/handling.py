"""Handlers for tests: one writes an event for each it gets and stumbles first, one kills its process."""

import os
from datetime import datetime

from amerce.access.actors import system_actor
from amerce.events.handlers import Handler
from amerce.events.models import Event
from amerce.events.record import record

stumbles: list[BaseException] = []
"""What the next calls of ``stumble`` raise, one each, after they have written."""
SETTLED = frozenset({"fee.paid", "fee.waived"})


def _tally(event: Event, at: datetime) -> None:
    assert event.institution_id is not None
    actor = system_actor(event.institution_id, "tests")
    record("test.tallied", actor=actor, at=at, patron_id=event.patron_id, data={"of": event.pk})


def _stumble(event: Event, at: datetime) -> None:
    _tally(event, at)
    if stumbles:
        raise stumbles.pop(0)


def _die(event: Event, at: datetime) -> None:
    _tally(event, at)
    os._exit(9)


def _handler(name: str, handle: object) -> Handler:
    return Handler(
        name=name,
        events=SETTLED,
        wants=lambda data: data["lines"][0]["amount_minor"] >= 100,
        handle=handle,  # type: ignore[arg-type]
    )


def _fail(event: Event, at: datetime) -> None:
    raise RuntimeError("no luck today")


NO_HANDLERS: tuple[Handler, ...] = ()
HANDLERS_WITHOUT_LUCK = (_handler("close_paid_lost_loan", _fail),)
HANDLERS = (_handler("stumble", _stumble),)
DYING = (_handler("stumble", _die),)
"""As ``HANDLERS`` is until the process dies."""
