"""The mail backend of an installation that names no mail server: every letter waits, and says why."""

from typing import Any

from django.core.mail.backends.base import BaseEmailBackend


class EmailBackend(BaseEmailBackend):
    def open(self) -> bool:
        raise OSError("no mail server is set (AMERCE_EMAIL_URL)")

    def send_messages(self, email_messages: Any) -> int:
        self.open()
        return 0
