"""The e-mail of a letter, byte for byte (RFC 822), and sending such bytes through Django's mail.

Why kept as bytes: what stands under Attachments is what was sent, and sending it again sends the same.
"""

import hashlib
from datetime import datetime
from email import message_from_bytes, policy
from email.header import Header
from email.message import EmailMessage as Message
from email.utils import format_datetime, formataddr
from typing import Any

from django.core.mail import EmailMessage, EmailMultiAlternatives

from amerce.letters.house import House
from amerce.letters.models import Letter
from amerce.letters.render import Rendered

PDF_NAME = "letter.pdf"


def message_id(house: House, key: str, channel: str) -> str:
    """The same for the same letter, whenever it is made."""
    mark = hashlib.sha256(f"{house.institution.code}\0{key}\0{channel}".encode()).hexdigest()[:32]
    return f"<{mark}@{house.sender_email.rpartition('@')[2]}>"


def message_bytes(house: House, made: Rendered, *, to: str, at: datetime, message_id: str) -> bytes:
    """An e-mail with text and HTML. Without ``to`` it has no ``To`` yet (``addressed``).

    It answers nobody's mail and wants no answer from a machine (RFC 3834); it is of no list, so it names none.
    """
    message = EmailMultiAlternatives(
        subject=made.subject,
        body=made.text,
        from_email=formataddr((house.sender_name, house.sender_email)),
        to=[to] if to else [],
        reply_to=[house.settings.reply_to] if house.settings.reply_to else None,
        headers={
            "Message-ID": message_id,
            "Date": format_datetime(at),
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "OOF, AutoReply",
        },
    )
    message.attach_alternative(made.html, "text/html")
    parts = message.message()
    _fold(parts, house, made.subject)
    parts.set_boundary(f"=_{message_id.strip('<>').partition('@')[0]}")  # else one is looked for in every part
    whole: bytes = parts.as_bytes(linesep="\r\n")
    return whole


def pdf_message_bytes(house: House, letter: Letter, pdf: bytes, *, to: str) -> bytes:
    """The e-mail that takes a letter to a printer which has an address."""
    message = EmailMessage(
        subject=letter.subject,
        from_email=formataddr((house.sender_name, house.sender_email)),
        to=[to],
        headers={
            "Message-ID": letter.message_id,
            "Date": format_datetime(letter.created_at),
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach(PDF_NAME, pdf, "application/pdf")
    parts = message.message()
    _fold(parts, house, letter.subject)
    whole: bytes = parts.as_bytes(linesep="\r\n")
    return whole


def _fold(parts: Any, house: House, subject: str) -> None:
    """Fold long words that are not ASCII with the name of their header before them. Django folds them as if they stood
    alone, so that they are put on the next line and the first one stays empty, which RFC 5322 forbids.
    """
    if not subject.isascii():
        parts.replace_header("Subject", Header(subject, "utf-8", header_name="Subject").encode())
    if not house.sender_name.isascii():
        name = Header(house.sender_name, "utf-8", header_name="From").encode()
        parts.replace_header("From", f"{name} <{house.sender_email}>")


def addressed(body: bytes, to: str) -> bytes:
    """``body``, which was made while nobody knew where to send it, with ``to``, an address that was checked."""
    return f"To: {to}\r\n".encode("ascii") + body


class StoredMessage(EmailMessage):
    """Bytes as Django's mail backends take a message."""

    def __init__(self, body: bytes, *, sender: str, to: str) -> None:
        super().__init__(from_email=sender, to=[to])
        self._bytes = body

    def message(self, *_args: Any, **_kwargs: Any) -> Any:
        return _Bytes(self._bytes)


class _Bytes:
    def __init__(self, kept: bytes) -> None:
        self._kept = kept

    def as_bytes(self, unixfrom: bool = False, linesep: str = "\n") -> bytes:
        return self._kept


def html_of(body: bytes) -> str:
    """The HTML of an e-mail that is kept."""
    return _part_of(body, "html")


def text_of(body: bytes) -> str:
    """The text of an e-mail that is kept."""
    return _part_of(body, "plain")


def _part_of(body: bytes, kind: str) -> str:
    message = message_from_bytes(body, policy=policy.default)
    assert isinstance(message, Message)
    part = message.get_body((kind,))
    return "" if part is None else str(part.get_content())
