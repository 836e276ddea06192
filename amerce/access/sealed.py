"""Secrets that have to be read again, kept so that a copy of the database alone opens nothing."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

NotSealedHere = InvalidToken
"""What ``unseal`` raises for what was sealed under another secret key."""


def seal(text: str) -> str:
    """``text``, encrypted by the secret key of the installation."""
    return _fernet().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text of before. Raises ``NotSealedHere``."""
    return _fernet().decrypt(sealed.encode()).decode()


def _fernet() -> Fernet:
    key = hashlib.sha256(b"amerce.access.sealed" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
