"""Handing e-mails to the mail server through Django's mail, over one connection for several letters."""

import smtplib
from types import TracebackType
from typing import Any

from django.core.mail import get_connection

from amerce.letters.message import StoredMessage
from amerce.letters.transports.answers import NotKnown, NotReached, TurnedAway

_FINAL = 500
"""Answers of a mail server from here on are for good (RFC 5321)."""


class MailServer:
    """An open connection. Raises ``NotReached`` when there is none."""

    def __enter__(self) -> "MailServer":
        self._connection: Any = get_connection()
        try:
            self._connection.open()
        except (OSError, smtplib.SMTPException) as error:
            raise NotReached(str(error) or type(error).__name__) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._connection.close()
        except (OSError, smtplib.SMTPException):
            return  # what was sent is sent

    def send(self, body: bytes, *, sender: str, to: str) -> None:
        """Raises ``TurnedAway``, ``NotKnown``."""
        try:
            self._connection.send_messages([StoredMessage(body, sender=sender, to=to)])
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            raise TurnedAway(_words(code, words), is_final=code >= _FINAL) from error
        except smtplib.SMTPResponseException as error:
            raise TurnedAway(_words(error.smtp_code, error.smtp_error), is_final=error.smtp_code >= _FINAL) from error
        except smtplib.SMTPNotSupportedError as error:
            raise TurnedAway(str(error), is_final=True) from error
        except (OSError, smtplib.SMTPException) as error:
            raise NotKnown(str(error) or type(error).__name__) from error


def _words(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {text}"
