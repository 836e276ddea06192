"""Whether an institution has any webhook, asked in every command that moves money.

Why remembered for a while: who has none must not pay a statement for it with each payment (ADR 0013). What another
process changes is seen here after ``REMEMBERED_S``.
"""

from threading import Lock
from time import monotonic

from django.db import transaction

from amerce.webhooks.models import WebhookEndpoint

REMEMBERED_S = 30.0
_lock = Lock()
_known: dict[int, tuple[bool, float]] = {}


def listens(institution_id: int | None) -> bool:
    """Whether an endpoint of the institution is enabled. One query every ``REMEMBERED_S``, else none."""
    if institution_id is None:
        return False
    now = monotonic()
    with _lock:
        known = _known.get(institution_id)
    if known and known[1] > now:
        return known[0]
    found = WebhookEndpoint.objects.filter(institution_id=institution_id, is_enabled=True).exists()
    with _lock:
        _known[institution_id] = found, now + REMEMBERED_S
    return found


def forget() -> None:
    """Ask again from now on: an endpoint was changed in this process."""
    with _lock:
        _known.clear()


def forget_now_and_when_committed() -> None:
    """As ``forget``, and again after the transaction, since others read what stood before it until then."""
    forget()
    transaction.on_commit(forget)
