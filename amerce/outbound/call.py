"""One HTTP request to somebody else's server: to the address that was looked up, within a time, with a bounded answer.

Why on ``http.client`` and not on a library above it: those look names up themselves, follow redirects, and bound each
read but not the whole (ADR 0035).
"""

import os
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from threading import Timer
from time import monotonic

import certifi

from amerce.outbound.addresses import Address, AddressRefused, NameUnknown, look_up, read_address

_CHUNK = 16_384
_ADDRESSES_TRIED = 3


class NotReached(Exception):
    """There is no answer. ``reason`` is ``malformed``, ``insecure``, ``private``, ``unknown_name``, ``timeout``,
    ``certificate``, ``connection`` or ``protocol``. ``was_asked`` says that the server may have the request."""

    def __init__(self, reason: str, *, was_asked: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.was_asked = was_asked


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request. It ends after ``timeout_s`` whatever the server does, and reads ``limit`` bytes of the answer."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    timeout_s: float = 10.0
    limit: int = 2048


@dataclass(frozen=True)
class Answer:
    """What the server said: a redirect too, which is not followed. ``is_cut`` says that there was more to read."""

    status: int
    body: bytes
    is_cut: bool


def call(request: Call) -> Answer:
    """Send ``request``. Raises ``NotReached``."""
    deadline = monotonic() + request.timeout_s
    try:
        address = read_address(request.url)
        numbers = look_up(address, deadline - monotonic())
    except AddressRefused as error:
        raise NotReached(error.reason) from None
    except NameUnknown:
        raise NotReached("unknown_name") from None
    except TimeoutError:
        raise NotReached("timeout") from None
    was_asked = False
    try:
        with _opened(address, numbers, deadline) as connection:
            was_asked = True
            answer = _asked(connection, address, request)
    except ssl.SSLCertVerificationError:
        raise NotReached("certificate") from None
    except (OSError, HTTPException, ValueError) as error:
        if isinstance(error, TimeoutError) or monotonic() >= deadline:
            raise NotReached("timeout", was_asked=was_asked) from None
        reason = "protocol" if isinstance(error, HTTPException | ValueError) else "connection"
        raise NotReached(reason, was_asked=was_asked) from None
    if monotonic() >= deadline:  # cut in the middle of the body, which reads like its end
        raise NotReached("timeout", was_asked=True)
    return answer


@contextmanager
def _opened(address: Address, numbers: list[str], deadline: float) -> Iterator[HTTPConnection]:
    """A connection to one of ``numbers`` that is cut at ``deadline``, in the middle of whatever it does."""
    plain = _connected(numbers, address.port, deadline)
    handle = plain.dup()  # TLS takes the socket over, so the timer needs one of its own
    timer = Timer(max(deadline - monotonic(), 0), _cut, [handle])
    timer.daemon = True
    timer.start()
    secured: socket.socket = plain
    try:
        if address.is_secure:
            secured = _context().wrap_socket(plain, server_hostname=address.host)
        connection = HTTPConnection(address.host, address.port)
        connection.sock = secured
        yield connection
    finally:
        timer.cancel()
        handle.close()
        secured.close()


def _connected(numbers: list[str], port: int, deadline: float) -> socket.socket:
    """A socket to the first of ``numbers`` that takes one."""
    failure: OSError = TimeoutError()
    for number in numbers[:_ADDRESSES_TRIED]:
        left_s = deadline - monotonic()
        if left_s <= 0:
            raise TimeoutError
        try:
            return socket.create_connection((number, port), timeout=left_s)
        except OSError as error:
            failure = error
    raise failure


def _asked(connection: HTTPConnection, address: Address, request: Call) -> Answer:
    headers = {"Host": address.authority, "User-Agent": "Amerce", "Connection": "close", **request.headers}
    connection.request(request.method, address.path, body=request.body, headers=headers)
    response = connection.getresponse()
    body = _read(response, request.limit + 1)
    return Answer(response.status, body[: request.limit], len(body) > request.limit)


def _read(response: HTTPResponse, limit: int) -> bytes:
    parts: list[bytes] = []
    left = limit
    while left and (part := response.read1(min(left, _CHUNK))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _context() -> ssl.SSLContext:
    """``SSL_CERT_FILE`` names other authorities than the usual ones, as it does for OpenSSL."""
    return ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE") or certifi.where())


def _cut(handle: socket.socket) -> None:
    with suppress(OSError):
        handle.shutdown(socket.SHUT_RDWR)
