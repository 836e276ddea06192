"""Handing letters to the transports: an errand of the worker (``config/wiring.py``).

Why ``sending`` is committed before a transport is called: whatever dies then, nobody takes the letter for one that
never went. It becomes ``unknown`` and waits for a person; no letter goes twice by itself
(``docs/adr/0026-letters-are-made-when-written.md``).
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from amerce.access.sealed import NotSealedHere, unseal
from amerce.letters.house import House, house_of
from amerce.letters.message import pdf_message_bytes
from amerce.letters.models import Letter
from amerce.letters.pdf import PdfNotInstalled, page_of, pdf_of
from amerce.letters.transports.answers import NotKnown, NotReached, TurnedAway
from amerce.letters.transports.email import MailServer
from amerce.letters.transports.sms import HttpGateway

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=4)
ATTEMPTS_LIMIT = 24
"""With the waits between them some three days, as mail servers have it among themselves."""
OUTAGE_WAIT = timedelta(minutes=1)
SENDING_LIMIT = timedelta(minutes=5)
"""No transport takes as long; a letter that is in ``sending`` for longer belongs to a worker that died."""
_ERRAND_S = 1.0
_ERROR_LIMIT = 500
_DUE = (Letter.State.WAITING, Letter.State.REFUSED)

Send = Callable[[Letter, House], None]


def deliver_letters(*, now: datetime) -> bool:
    """Send what is due by ``now``, for a second or so. Says whether anything was due."""
    was_lost = give_up_lost(now=now)
    return bool(was_lost + _deliver_emails(now) + _deliver_sms(now))


def give_up_lost(*, now: datetime) -> int:
    """Letters whose worker died while it sent them become ``unknown``, unless they were erased meanwhile; how many."""
    lost = Letter.objects.filter(state=Letter.State.SENDING, next_at__lte=now)
    if not lost.exists():
        return 0
    erased = lost.exclude(erased_at=None).update(state=Letter.State.DONE)
    return erased + lost.update(state=Letter.State.UNKNOWN, error="")


def _due(now: datetime, of: Q) -> list[int]:
    due = Letter.objects.filter(of, state__in=_DUE, next_at__lte=now).order_by("next_at", "pk")
    return list(due.values_list("pk", flat=True)[:100])


_EMAILS = Q(channel=Letter.Channel.EMAIL) | (
    Q(channel=Letter.Channel.PRINT, batch=None) & ~Q(printer__email="") & Q(printer__isnull=False)
)
_SMS = Q(channel=Letter.Channel.SMS)


def _deliver_emails(now: datetime) -> int:
    due = _due(now, _EMAILS)
    if not due:
        return 0
    try:
        with MailServer() as server:
            return _deliver_some(now, _EMAILS, due, _by_mail(server))
    except NotReached as error:
        _postpone(now, _EMAILS, error)
    return len(due)


def _deliver_sms(now: datetime) -> int:
    due = _due(now, _SMS)
    return _deliver_some(now, _SMS, due, _by_sms) if due else 0


def _deliver_some(now: datetime, of: Q, due: list[int], send: Send) -> int:
    """Hand over one after the other, as long as somebody takes them. Where nobody does, whatever else the institution
    has by that channel waits as well, and the rest is left to the next errand.
    """
    begun = time.monotonic()
    houses: dict[int, House] = {}
    for count, letter_id in enumerate(due, 1):
        letter = claim(letter_id, now=now)
        if letter is not None:
            if letter.institution_id not in houses:
                houses[letter.institution_id] = house_of(letter.institution_id)
            try:
                _hand_over(letter, houses[letter.institution_id], now, send)
            except NotReached as error:
                _postpone(now, of & Q(institution=letter.institution_id, channel=letter.channel), error)
                return count
        if time.monotonic() - begun > _ERRAND_S:
            return count
    return len(due)


def claim(letter_id: int, *, now: datetime) -> Letter | None:
    """The letter, which is in ``sending`` from now on; None if another worker has it."""
    with transaction.atomic():
        can_skip = connection.features.has_select_for_update_skip_locked
        open_one = Letter.objects.filter(pk=letter_id, state__in=_DUE, next_at__lte=now)
        letter = open_one.select_for_update(of=("self",), skip_locked=can_skip).select_related("printer").first()
        if letter is None:
            return None
        letter.state, letter.attempts, letter.next_at = Letter.State.SENDING, letter.attempts + 1, now + SENDING_LIMIT
        letter.save(update_fields=["state", "attempts", "next_at"])
        return letter


def _hand_over(letter: Letter, house: House, now: datetime, send: Send) -> None:
    """Raises ``NotReached``, which was no attempt."""
    try:
        send(letter, house)
    except NotReached as error:
        _settle(letter, Letter.State.REFUSED, error, next_at=now + OUTAGE_WAIT, attempts=letter.attempts - 1)
        raise
    except TurnedAway as error:
        is_final = error.is_final or letter.attempts >= ATTEMPTS_LIMIT
        state = Letter.State.FAILED if is_final else Letter.State.REFUSED
        _settle(letter, state, error, next_at=now + _wait(letter.attempts))
    except NotKnown as error:
        _settle(letter, Letter.State.UNKNOWN, error)
    else:
        _settle(letter, Letter.State.SENT, None, sent_at=now)


def _settle(letter: Letter, state: Letter.State, error: Exception | None, **columns: Any) -> None:
    """What came of this attempt, unless a person decided something else meanwhile. One that took longer than
    anybody waited for it still has the word. One that was erased meanwhile says no more than whether it went.

    An attempt is known by until when it may take: its number begins anew when the letter is sent again, and the next
    one can only be claimed after that time.
    """
    words = " ".join(str(error).split())[:_ERROR_LIMIT] if error else ""
    mine = Letter.objects.filter(
        pk=letter.pk, next_at=letter.next_at, state__in=(Letter.State.SENDING, Letter.State.UNKNOWN)
    )
    if not mine.filter(erased_at=None).update(state=state, error=words, **columns):
        mine.update(state=state if state == Letter.State.SENT else Letter.State.DONE, **columns)


def _postpone(now: datetime, of: Q, error: Exception) -> None:
    due = Letter.objects.filter(of, state__in=_DUE, next_at__lte=now)
    ids = list(due.values_list("pk", flat=True)[:500])
    words = " ".join(str(error).split())[:_ERROR_LIMIT]
    Letter.objects.filter(pk__in=ids, state__in=_DUE).update(
        state=Letter.State.REFUSED, error=words, next_at=now + OUTAGE_WAIT
    )


def _wait(attempts: int) -> timedelta:
    return min(FIRST_WAIT * (1 << min(attempts - 1, 16)), LONGEST_WAIT)


def _by_mail(server: MailServer) -> Send:
    def send(letter: Letter, house: House) -> None:
        if letter.channel == Letter.Channel.PRINT:
            _to_printer(server, letter, house)
        else:
            server.send(bytes(letter.body), sender=house.sender_email, to=letter.to)

    return send


def _to_printer(server: MailServer, letter: Letter, house: House) -> None:
    """As a PDF to the address of the printer. It is kept before it is sent, and sent again as it was."""
    assert letter.printer is not None, "only printers with an address are here"
    if letter.pdf is None:
        try:
            letter.pdf = pdf_of([page_of(letter)])
        except PdfNotInstalled:
            raise NotReached("PDF files need amerce[pdf], which is not installed") from None
        Letter.objects.filter(pk=letter.pk, erased_at=None).update(pdf=letter.pdf)
    pdf = bytes(letter.pdf)
    to = letter.printer.email
    body = pdf_message_bytes(house, letter, pdf, to=to)
    server.send(body, sender=house.sender_email, to=to)


def _by_sms(letter: Letter, house: House) -> None:
    try:
        token = unseal(house.settings.sms_token_sealed) if house.settings.sms_token_sealed else ""
    except NotSealedHere:
        raise NotReached("the token of the SMS gateway was sealed under another secret key") from None
    if not house.settings.sms_url:
        raise NotReached("no SMS gateway is set")
    gateway = HttpGateway(house.settings.sms_url, token)
    gateway.send(bytes(letter.body).decode(), to=letter.to, reference=letter.message_id.strip("<>"))
