"""Secrets of endpoints, and what they sign."""

import hmac
import secrets
from datetime import datetime, timedelta

from amerce.access.sealed import unseal
from amerce.webhooks.models import WebhookEndpoint

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 200
"""Characters of a secret that somebody chose."""
BOTH_VALID = timedelta(hours=24)
"""How long messages are signed by the old secret as well after it was replaced."""


def new_secret() -> str:
    """A secret nobody can guess."""
    return PREFIX + secrets.token_urlsafe(32)


def valid_secrets(endpoint: WebhookEndpoint, at: datetime) -> list[str]:
    """The secret, and the old one while it is valid. Raises ``NotSealedHere``."""
    found = [unseal(endpoint.sealed_secret)]
    if endpoint.sealed_old_secret and endpoint.old_secret_until and at < endpoint.old_secret_until:
        found.append(unseal(endpoint.sealed_old_secret))
    return found


def signature(secrets_valid: list[str], timestamp: str, body: bytes) -> str:
    """The header ``Amerce-Signature``: a signature by each secret over the timestamp, a point and the body."""
    said = timestamp.encode() + b"." + body
    return ",".join(f"v1={hmac.new(each.encode(), said, 'sha256').hexdigest()}" for each in secrets_valid)
