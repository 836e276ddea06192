"""Handing e-mails to the mail server through Django's mail, over one connection for several letters."""

import smtplib
from types import TracebackType
from typing import Any

from django.core.mail import get_connection

from amerce.letters.message import StoredMessage
from amerce.letters.transports.answers import NotKnown, NotReached, TurnedAway

_TAKEN, _FINAL = 250, 500
"""Answers of a mail server; those from 500 on are for good (RFC 5321)."""
_TOO_MUCH = frozenset({452, 552})
"""Answers to a sender that are meant for the size of the letter, which is told with it (RFC 1870)."""


class MailServer:
    """An open connection, opened anew when the server broke it off. Raises ``NotReached`` when there is none."""

    def __enter__(self) -> "MailServer":
        self._connection: Any = get_connection()
        self._is_used = False
        self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def send(self, body: bytes, *, sender: str, to: str) -> None:
        """Raises ``NotReached``, also when ``sender`` is not let through, ``TurnedAway``, ``NotKnown``."""
        if self._is_used and not self._is_there():
            self._close()
            self._open()
        self._is_used = True
        try:
            self._connection.send_messages([StoredMessage(body, sender=sender, to=to)])
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            raise TurnedAway(_words(code, words), is_final=code >= _FINAL) from error
        except smtplib.SMTPResponseException as error:
            said = _words(error.smtp_code, error.smtp_error)
            if isinstance(error, smtplib.SMTPSenderRefused) and error.smtp_code not in _TOO_MUCH:
                raise NotReached(said) from error
            raise TurnedAway(said, is_final=error.smtp_code >= _FINAL) from error
        except smtplib.SMTPNotSupportedError as error:
            raise TurnedAway(str(error), is_final=True) from error
        except (OSError, smtplib.SMTPException) as error:
            raise NotKnown(str(error) or type(error).__name__) from error

    def _open(self) -> None:
        try:
            self._connection.open()
        except (OSError, smtplib.SMTPException) as error:
            raise NotReached(str(error) or type(error).__name__) from error

    def _close(self) -> None:
        try:
            self._connection.close()
        except (OSError, smtplib.SMTPException):
            return  # what was sent is sent

    def _is_there(self) -> bool:
        """Asked before each further letter: many servers end a connection after some, and what is found out while a
        letter is handed over leaves it unknown.
        """
        smtp = getattr(self._connection, "connection", None)
        if not isinstance(smtp, smtplib.SMTP):
            return True
        try:
            return smtp.noop()[0] == _TAKEN
        except (OSError, smtplib.SMTPException):
            return False


def _words(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {text}"
