"""The letter on a fine or fee that was charged at the desk, where the institution wants it (row E1).

Why not on what jobs charge: the letters on overdue and lost loans tell of that.
"""

from datetime import datetime
from threading import Lock
from time import monotonic

from django.db import transaction

from amerce.access.actors import system_actor
from amerce.charges.models import Fee
from amerce.events.handlers import Handler
from amerce.events.models import Event
from amerce.letters.facts import FEE_RELATED, fee_facts
from amerce.letters.kinds import LetterKind
from amerce.letters.models import LetterSwitch
from amerce.letters.press import NewLetter
from amerce.letters.write import write_letters

REMEMBERED_S = 30.0
_lock = Lock()
_known: dict[int, tuple[bool, float]] = {}


def is_wanted(institution_id: int | None) -> bool:
    """Whether the institution has this letter turned on: one query every ``REMEMBERED_S``, since it is asked with
    every charge (ADR 0013).
    """
    if institution_id is None:
        return False
    now = monotonic()
    with _lock:
        known = _known.get(institution_id)
    if known and known[1] > now:
        return known[0]
    switches = LetterSwitch.objects.filter(institution_id=institution_id, kind=LetterKind.FEE_CHARGED, is_on=True)
    found = switches.exists()
    with _lock:
        _known[institution_id] = found, now + REMEMBERED_S
    return found


def forget_wanted() -> None:
    """Ask again from now on, and once more after the transaction: the letter was turned on or off in this process."""
    _forget()
    transaction.on_commit(_forget)


def _forget() -> None:
    with _lock:
        _known.clear()


def _handle(event: Event, at: datetime) -> None:
    if event.actor_id is None:
        return
    assert event.institution_id is not None, "charges belong to an institution"
    ids = [each["fee_id"] for each in event.data["lines"]]
    fees = Fee.objects.filter(institution_id=event.institution_id, pk__in=ids).select_related(*FEE_RELATED)
    found = list(fees.order_by("pk"))
    letter = NewLetter(
        kind=LetterKind.FEE_CHARGED,
        patron_id=event.patron_id,
        data={
            "fees": fee_facts(found),
            "charged_minor": sum(each["amount_minor"] for each in event.data["lines"]),
            "total_minor": sum(each.remaining_minor for each in found),
        },
        key=f"event:{event.pk}",
    )
    write_letters(actor=system_actor(event.institution_id, "letters"), at=at, letters=[letter])


CHARGE_LETTERS = Handler(
    name="letter.fee_charged",
    events=frozenset({"fee.assessed"}),
    wants=lambda data: bool(data.get("lines")),
    handle=_handle,
    listens=is_wanted,
)
