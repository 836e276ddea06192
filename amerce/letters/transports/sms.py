"""Handing short messages to a gateway: one protocol, and one adapter that posts JSON to the address of an institution.

Why only https, and no redirects: the address is typed on a page, and this process stands in a network where other
addresses may answer to whoever asks. ``AMERCE_SMS_HOSTS`` names hosts that may be asked without it.
"""

from typing import Protocol
from urllib.parse import urlsplit

import requests
from django.conf import settings

from amerce.letters.transports.answers import NotKnown, NotReached, TurnedAway

TIMEOUT_S = 10
_LATER = frozenset({408, 425, 429})
_TOO_MUCH = 500
_ERROR = 400
_REDIRECT = 300


class SmsGateway(Protocol):
    """Takes one message. ``reference`` is the same however often the message is sent.

    Raises ``NotReached``, ``TurnedAway``, ``NotKnown``.
    """

    def send(self, text: str, *, to: str, reference: str) -> None: ...


def is_allowed(url: str) -> bool:
    """Whether a gateway may be at ``url``: an https address, or one of a host that the installation names."""
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and not parts.username and not parts.password
        return has_host and (parts.scheme == "https" or (parts.scheme == "http" and parts.netloc in settings.SMS_HOSTS))
    except ValueError:
        return False


class HttpGateway:
    """``POST url {"to", "text", "reference"}`` with ``Authorization: Bearer``; any answer of 2xx means taken."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token

    def send(self, text: str, *, to: str, reference: str) -> None:
        if not is_allowed(self._url):
            raise NotReached("the SMS gateway has no address that may be asked")
        headers = {"Idempotency-Key": reference} | ({"Authorization": f"Bearer {self._token}"} if self._token else {})
        try:
            with requests.post(
                self._url,
                json={"to": to, "text": text, "reference": reference},
                headers=headers,
                timeout=TIMEOUT_S,
                allow_redirects=False,
                stream=True,  # what the gateway says beside its status is not read
            ) as answer:
                status = answer.status_code
        except (requests.exceptions.ConnectTimeout, requests.exceptions.SSLError) as error:
            raise NotReached(_words(error)) from error
        except requests.exceptions.ConnectionError as error:
            if "NewConnectionError" in str(error) or "NameResolutionError" in str(error):
                raise NotReached(_words(error)) from error
            raise NotKnown(_words(error)) from error
        except requests.exceptions.RequestException as error:
            raise NotKnown(_words(error)) from error
        if status >= _REDIRECT:
            is_final = _ERROR <= status < _TOO_MUCH and status not in _LATER
            raise TurnedAway(f"HTTP {status}", is_final=is_final)


def _words(error: Exception) -> str:
    """Without the address, which may hold what is not for everybody."""
    return type(error).__name__
