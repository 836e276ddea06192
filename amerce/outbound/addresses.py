"""Which addresses may be called: https, and none of this machine's own networks (ADR 0035).

Why twice: what can be said of an address alone is said to who types it. Where its name leads is looked up once, right
before the call, and the call goes to what was found, so that a name cannot lead elsewhere meanwhile.
"""

import socket
from concurrent.futures import Future
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Thread
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

ADDRESS_LIMIT = 500
_NAT64 = IPv6Network("64:ff9b::/96")
_PORTS = {"https": 443, "http": 80}


class AddressRefused(Exception):
    """The address is none that may be called. ``reason`` is ``malformed``, ``insecure`` or ``private``."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the address is {reason}")
        self.reason = reason


class NameUnknown(Exception):
    """Nobody knows the name of the server."""


@dataclass(frozen=True)
class Address:
    """Where a request goes. ``path`` has the query with it; ``authority`` is what the header Host says."""

    is_secure: bool
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _PORTS["https" if self.is_secure else "http"] else f"{name}:{self.port}"


def read_address(text: str) -> Address:
    """The parts of an address that may be called, as far as that can be seen in it. Raises ``AddressRefused``."""
    try:
        parts = urlsplit(text)
        host = _ascii(parts.hostname or "")
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        raise AddressRefused("malformed") from None
    has_extras = parts.username is not None or parts.password is not None or "#" in text
    if parts.scheme not in _PORTS or not host or has_extras or not _can_be_sent(text):
        raise AddressRefused("malformed")
    is_allowed = _is_allowed(host, port)
    if parts.scheme == "http" and not is_allowed:
        raise AddressRefused("insecure")
    number = _as_number(host)
    if number is not None and not is_allowed and not is_public(number):
        raise AddressRefused("private")
    return Address(parts.scheme == "https", host, port, _path(parts))


def look_up(address: Address, within_s: float) -> list[str]:
    """The numbers that the host has now, each of which may be called.

    One that may not be called spoils them all: a name that leads into a private network as well is no honest one.
    Raises ``AddressRefused``, ``NameUnknown``, and ``TimeoutError`` where nobody answers ``within_s``.
    """
    try:
        found = _asked(address, within_s)
    except TimeoutError:
        raise
    except (OSError, UnicodeError):
        raise NameUnknown(address.host) from None
    numbers = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not _is_allowed(address.host, address.port) and not all(is_public(ip_address(each)) for each in numbers):
        raise AddressRefused("private")
    return numbers


def _asked(address: Address, within_s: float) -> list[Any]:
    """What the system says of the name. In a thread of its own, for it has no time limit and cannot be told to stop:
    one that hangs is left behind and ends with the resolver's own patience."""
    answer: Future[list[Any]] = Future()

    def ask() -> None:
        try:
            answer.set_result(socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM))
        except Exception as error:
            answer.set_exception(error)

    Thread(target=ask, name="look-up", daemon=True).start()
    return answer.result(max(within_s, 0))


def is_public(number: IPv4Address | IPv6Address) -> bool:
    """Whether ``number`` is in the public internet, also by what it holds of IPv4: mapped, 6to4, NAT64."""
    if isinstance(number, IPv6Address):
        inner = number.ipv4_mapped or number.sixtofour
        if inner is None and number in _NAT64:
            inner = IPv4Address(number.packed[-4:])
        if inner is not None:
            return is_public(inner)
    return number.is_global and not number.is_multicast and not number.is_reserved


def _is_allowed(host: str, port: int) -> bool:
    allowed = {each.strip().casefold() for each in settings.AMERCE_OUTBOUND_HOSTS}
    name = f"[{host}]" if ":" in host else host
    return host in allowed or f"{name}:{port}" in allowed


def _ascii(host: str) -> str:
    """The name as DNS has it, without the dot that may end it."""
    return host.encode("idna").decode("ascii").casefold().rstrip(".") if ":" not in host else host


def _as_number(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _can_be_sent(text: str) -> bool:
    """Whether it fits the first line of a request: printable ASCII without spaces."""
    return len(text) <= ADDRESS_LIMIT and all(
        "!" <= each <= "~" for each in urlsplit(text)._replace(netloc="").geturl()
    )


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
