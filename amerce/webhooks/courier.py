"""Sending what waits: an errand of the worker that calls several endpoints at once and never waits long for any.

Why threads that only call: a slow receiver must hold up neither a run nor the other receivers. What is sent is marked
and committed before the call; a worker that is killed leaves it so, and it is sent again under the same id.
"""

import logging
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from amerce.access.sealed import NotSealedHere
from amerce.outbound.call import Answer, Call, NotReached, call
from amerce.webhooks.models import WebhookDelivery, WebhookEndpoint
from amerce.webhooks.secrets import signature, valid_secrets

TIMEOUT_S = 10.0
ANSWER_LIMIT = 1000
"""Bytes of an answer that are kept."""
SLOTS, SLOTS_OF_ONE = 16, 4
"""Calls at the same time, and of them to the same endpoint."""
LEASE = timedelta(minutes=5)
"""After which a delivery that is being sent is taken for lost: longer than a call and the other errands can last, a
mail server that answers slowly say, before this one brings it in.
"""
FIRST_WAIT, LONGEST_WAIT, GIVEN_UP_AFTER = timedelta(seconds=10), timedelta(hours=1), timedelta(days=3)
KEPT = timedelta(days=30)
PATIENCE_S = 0.5
"""How long one errand waits for answers; those that come later are brought in by the next."""
_CANDIDATES, _FORGOTTEN_AT_ONCE, _SWEEP_EVERY_S = 100, 500, 600.0
_State = WebhookDelivery.State
_log = logging.getLogger(__name__)
_UNREACHED = "timeout", "connection", "unknown_name"
"""Reasons for which an endpoint rests: each further call would only wait as well."""


@dataclass(frozen=True)
class Outcome:
    """How one call went. ``error`` is empty when the receiver has it."""

    error: str
    answer: Answer | None
    duration_ms: int


@dataclass(frozen=True)
class _Sent:
    delivery_id: int
    attempt: int
    endpoint_id: int


class Courier:
    """The errand, with what it has on the way."""

    def __init__(self) -> None:
        self._threads: ThreadPoolExecutor | None = None
        self._out: dict[Future[Outcome], _Sent] = {}
        self._swept_at: float | None = None

    def __call__(self, *, now: datetime) -> bool:
        was_out = self._bring_in(now) | self._send(now) | self._sweep(now)
        if self._out:
            wait(self._out, timeout=PATIENCE_S, return_when=FIRST_COMPLETED)
            was_out |= self._bring_in(now)
        return was_out

    @property
    def is_out(self) -> bool:
        """Whether calls are still on their way."""
        return bool(self._out)

    def _send(self, now: datetime) -> bool:
        if len(self._out) >= SLOTS or not _open(now).exists():
            return False
        calls = _taken(now, SLOTS - len(self._out), Counter(each.endpoint_id for each in self._out.values()))
        for sent, request in calls:
            self._threads = self._threads or ThreadPoolExecutor(SLOTS, "webhook")
            self._out[self._threads.submit(_called, request)] = sent
        return bool(calls)

    def _bring_in(self, now: datetime) -> bool:
        done = [each for each in self._out if each.done()]
        for future in done:
            settle(self._out[future], future.result(), now)  # if this raises, the next errand settles it
            del self._out[future]
        return bool(done)

    def _sweep(self, now: datetime) -> bool:
        """Forget what is old, some hundred at a time; look for more at once only where there was more."""
        if self._swept_at is not None and monotonic() - self._swept_at < _SWEEP_EVERY_S:
            return False
        old = WebhookDelivery.objects.filter(created_at__lt=now - KEPT, state__in=[_State.DELIVERED, _State.FAILED])
        ids = list(old.order_by("created_at").values_list("pk", flat=True)[:_FORGOTTEN_AT_ONCE])
        if ids:
            old.filter(pk__in=ids).delete()
        if len(ids) < _FORGOTTEN_AT_ONCE:
            self._swept_at = monotonic()
        return bool(ids)


deliver_webhooks = Courier()
"""The one of this process."""


def _open(now: datetime) -> QuerySet[WebhookDelivery]:
    """What is due, be it new, tried before or lost on the way, of endpoints that are not resting."""
    awake = Q(endpoint__rests_until=None) | Q(endpoint__rests_until__lte=now)
    due = WebhookDelivery.objects.filter(state__in=[_State.WAITING, _State.SENDING], next_at__lte=now)
    return due.filter(awake, endpoint__is_enabled=True).order_by("next_at", "pk")


def _taken(now: datetime, slots: int, busy: Mapping[int, int]) -> list[tuple[_Sent, Call]]:
    """Mark up to ``slots`` deliveries as being sent, so that no other worker takes them, and say what to call.

    An endpoint without room is left out of the next look, so that its backlog never hides what is due of others.
    """
    on_the_way, full = Counter(busy), set[int]()
    calls: list[tuple[_Sent, Call]] = []
    with transaction.atomic():
        rows = _open(now).select_related("endpoint")
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(of=("self",), skip_locked=True)
        is_last = False
        while len(calls) < slots and not is_last:
            due = list(rows.exclude(endpoint__in=full)[:_CANDIDATES])
            is_last = len(due) < _CANDIDATES
            for row in due:
                endpoint = row.endpoint
                room = SLOTS_OF_ONE if endpoint.rests_until is None else 1  # one is sent to see whether it is back
                if on_the_way[endpoint.pk] >= room or endpoint.pk in full:
                    full.add(endpoint.pk)
                elif len(calls) < slots and (request := _marked(row, now)):
                    on_the_way[endpoint.pk] += 1
                    calls.append((_Sent(row.pk, row.attempts, endpoint.pk), request))
                elif len(calls) < slots:
                    full.add(endpoint.pk)  # without its secret no other of its messages could be signed either
    return calls


def _marked(row: WebhookDelivery, now: datetime) -> Call | None:
    """What to call for a delivery that is marked as being sent; None for one that could not be signed."""
    request = _request(row, row.endpoint, now)
    row.attempts += 1
    row.last_at, row.url = now, row.endpoint.url
    if request is None:
        _failed(row, "secret", now)
    else:
        row.state, row.next_at = _State.SENDING, now + LEASE
    row.save()
    return request


def _request(row: WebhookDelivery, endpoint: WebhookEndpoint, now: datetime) -> Call | None:
    body, timestamp = row.body.encode(), str(int(now.timestamp()))
    try:
        signed = signature(valid_secrets(endpoint, now), timestamp, body)
    except NotSealedHere:
        return None
    headers = {
        "Content-Type": "application/json",
        "Amerce-Event": row.kind,
        "Amerce-Delivery": str(row.uid),
        "Amerce-Timestamp": timestamp,
        "Amerce-Signature": signed,
    }
    return Call(url=endpoint.url, method="POST", headers=headers, body=body, timeout_s=TIMEOUT_S, limit=ANSWER_LIMIT)


def _called(request: Call) -> Outcome:
    """Call, in a thread of its own; nothing of the database is touched here."""
    began = monotonic()
    answer, error = None, ""
    try:
        answer = call(request)
        error = "" if 200 <= answer.status < 300 else "status"  # noqa: PLR2004
    except NotReached as failure:
        error = failure.reason
    except Exception:  # a thread tells nobody, and what is not settled would be asked for again and again
        _log.exception("a webhook could not be called")
        error = "protocol"
    return Outcome(error, answer, int((monotonic() - began) * 1000))


def settle(sent: _Sent, outcome: Outcome, now: datetime) -> None:
    """Write how a call went, unless the delivery was taken for lost and sent again meanwhile."""
    with transaction.atomic():
        rows = WebhookDelivery.objects.select_for_update(of=("self",)).select_related("endpoint")
        row = rows.filter(pk=sent.delivery_id, state=_State.SENDING, attempts=sent.attempt).first()
        if row is None:
            return
        row.duration_ms = outcome.duration_ms
        row.status_code = outcome.answer.status if outcome.answer else None
        row.answer = _readable(outcome.answer.body) if outcome.answer else ""
        row.error = outcome.error
        if outcome.error:
            _failed(row, outcome.error, now)
        else:
            row.state = _State.DELIVERED
        row.save()
        _remember(row.endpoint, row, now)


def _failed(row: WebhookDelivery, error: str, now: datetime) -> None:
    """Try again after a wait that doubles up to an hour, for three days."""
    row.error = error
    if now - row.since >= GIVEN_UP_AFTER:
        row.state = _State.FAILED
        return
    row.state = _State.WAITING
    row.next_at = now + min(FIRST_WAIT * (1 << min(row.attempts - 1, 16)), LONGEST_WAIT)


def _remember(endpoint: WebhookEndpoint, row: WebhookDelivery, now: datetime) -> None:
    """Keep whether the endpoint fails, and let one rest that did not answer at all."""
    failing_since = (endpoint.failing_since or now) if row.error else None
    rests_until = now + min(row.next_at - now, LONGEST_WAIT) if row.error in _UNREACHED else None
    if (failing_since, rests_until) != (endpoint.failing_since, endpoint.rests_until):
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(failing_since=failing_since, rests_until=rests_until)


def _readable(body: bytes) -> str:
    """The answer as text that any database keeps."""
    return body.decode("utf-8", "replace").replace("\0", "\ufffd")
