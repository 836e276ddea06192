"""Letters as commands write them, and a mail server to take them."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import transaction

from amerce.letters.configure import save_words
from amerce.letters.defaults import built_in
from amerce.letters.models import Letter
from amerce.letters.press import NewLetter
from amerce.letters.samples import sample
from amerce.letters.write import write_letters
from amerce.patrons.models import Contact, Patron
from tests.world import NOON, Library

FEES = "FINES_FEES_NOTIFICATION"


class Mailbox:
    """What a mail server took. ``answers`` are given to the next messages, in order, instead of taking them, and
    ``answers_to_senders`` to the next that say whom they are from. With ``hangs_up`` it does so after each message.
    """

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.envelopes: list[Envelope] = []
        self.answers: list[str] = []
        self.answers_to_senders: list[str] = []
        self.hangs_up = False
        self.connections = 0

    async def handle_EHLO(  # noqa: N802 - aiosmtpd calls it so
        self, server: SMTP, session: Session, envelope: Envelope, name: str, responses: list[str]
    ) -> list[str]:
        session.host_name = name
        self.connections += 1
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answers_to_senders:
            return self.answers_to_senders.pop(0)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd calls it so
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.answers:
            return self.answers.pop(0)
        assert isinstance(envelope.original_content, bytes)
        self.bodies.append(envelope.original_content)
        self.envelopes.append(envelope)
        if self.hangs_up:
            asyncio.get_running_loop().call_soon(server.transport.close)
        return "250 taken"

    @property
    def messages(self) -> list[EmailMessage]:
        return [parsed(each) for each in self.bodies]


@contextmanager
def mail_server() -> Iterator[tuple[Mailbox, int]]:
    """A mail server on a free port of this machine, until the end of the block."""
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()


def parsed(body: bytes) -> EmailMessage:
    message = message_from_bytes(body, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def reach(patron: Patron, kind: str, text: str, **columns: Any) -> Contact:
    made = {"is_preferred": True, "is_preferred_sms": kind == "phone"} | columns
    return Contact.objects.create(institution=patron.institution, patron=patron, kind=kind, text=text, **made)


def new_letter(library: Library, *, kind: str = FEES, key: str = "run:1", **more: Any) -> NewLetter:
    data = {name: value for name, value in sample(kind).items() if name not in ("patron", "number")}
    made = {"patron_id": library.patron.pk, "channels": ("email",), "data": data} | more
    return NewLetter(kind=kind, key=key, **made)


def write(library: Library, *letters: NewLetter) -> list[Letter]:
    with transaction.atomic():
        return write_letters(actor=library.operator, at=NOON, letters=letters)


def write_one(library: Library, **more: Any) -> Letter:
    (letter,) = write(library, new_letter(library, **more))
    return letter


def save_words_of(library: Library, *, language: str = "en", role: str = "user_administrator", **parts: str) -> bool:
    words = replace(built_in(FEES), **parts)
    actor = library.staff(role, at_desk=False)
    return save_words(actor=actor, at=NOON, kind=FEES, language=language, words=words)
