"""Giving events to their handlers: right after the commit, and again later when that failed or never came to be."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from django.db import connection, transaction

from amerce.events.handlers import Handler, find_handler
from amerce.events.models import Event, EventDelivery
from amerce.sql import insert

FIRST_WAIT = timedelta(seconds=10)
"""How long a worker leaves a delivery to the process that wrote it, and the first wait after a failure."""
LONGEST_WAIT = timedelta(hours=1)
_CANDIDATES = 20
_ERROR_LIMIT = 500
_log = logging.getLogger(__name__)


def plan_deliveries(event: Event, handlers: Sequence[Handler]) -> None:
    """Write a delivery for each of ``handlers`` in the event's transaction, and try them once it is committed."""
    for handler in handlers:
        delivery = EventDelivery(
            institution_id=event.institution_id, event=event, handler=handler.name, next_at=event.at + FIRST_WAIT
        )
        insert([delivery])
        transaction.on_commit(partial(deliver, delivery.pk, at=event.at), robust=True)


def deliver_next(*, now: datetime) -> bool:
    """Try one delivery that is due, for a worker. False when there was none."""
    due = EventDelivery.objects.filter(done_at=None, next_at__lte=now).order_by("next_at", "pk")
    return any(deliver(each, at=now, due_by=now) for each in list(due.values_list("pk", flat=True)[:_CANDIDATES]))


def deliver(delivery_id: int, *, at: datetime, due_by: datetime | None = None) -> bool:
    """Try a delivery, unless it is done, in other hands now, or not due by ``due_by``. Says whether it was tried.

    What the handler wrote and that the delivery is done commit together. A handler that raises has written nothing,
    and is tried again after a wait that doubles each time.
    """
    try:
        with transaction.atomic():
            delivery = _locked(delivery_id, due_by)
            if delivery is None:
                return False
            find_handler(delivery.handler).handle(delivery.event, at)
            delivery.done_at = at
            delivery.save(update_fields=["done_at"])
    except Exception as error:
        _log.exception("delivery %s failed", delivery_id)
        _postpone(delivery_id, at, error)
    return True


def _locked(delivery_id: int, due_by: datetime | None) -> EventDelivery | None:
    """The delivery if it is still to be done, locked; SQLite lets only one transaction write anyway."""
    open_one = EventDelivery.objects.select_related("event").filter(pk=delivery_id, done_at=None)
    if due_by is not None:
        open_one = open_one.filter(next_at__lte=due_by)
    can_skip = connection.features.has_select_for_update_skip_locked
    return open_one.select_for_update(of=("self",), skip_locked=can_skip).first()


def _postpone(delivery_id: int, at: datetime, error: Exception) -> None:
    with transaction.atomic():
        delivery = _locked(delivery_id, None)
        if delivery is None:
            return
        delivery.attempts += 1
        delivery.next_at = at + _wait(delivery.attempts)
        delivery.error = (str(error).strip() or type(error).__name__).splitlines()[0][:_ERROR_LIMIT]
        delivery.save(update_fields=["attempts", "next_at", "error"])


def _wait(attempts: int) -> timedelta:
    doublings = min(attempts - 1, 16)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)
