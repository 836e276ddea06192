"""A mail backend of Django's that keeps every message as a file in a folder: in the demo no mail leaves the machine."""

from itertools import count
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend

_number = count(1)


class EmailBackend(BaseEmailBackend):
    """``EMAIL_FILE_PATH`` is the folder; a file is there as a whole or not at all."""

    def send_messages(self, email_messages: Any) -> int:
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            body = message.message().as_bytes()
            name = _free_name(folder, message.to[0] if message.to else "nobody")
            half = folder / f".{name}"
            half.write_bytes(body)
            half.rename(folder / name)
        return len(email_messages)


def _free_name(folder: Path, to: str) -> str:
    safe = "".join(each if each.isalnum() or each in "@.-_+" else "_" for each in to)[:80]
    while True:
        name = f"{next(_number):05d}-{safe}.eml"
        if not (folder / name).exists():
            return name
