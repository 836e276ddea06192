"""A receiver that may be called, and names that lead where a test says."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.outbound.receiver import Receiver, receiving


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """A server on this machine, which the setting allows."""
    with receiving() as found:
        settings.AMERCE_OUTBOUND_HOSTS = [f"127.0.0.1:{found.port}"]
        yield found


class Names:
    """What DNS says: for each name its answers in turn, the last one for ever. ``asked`` are the names in order."""

    def __init__(self) -> None:
        self.answers: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []
        self._real = socket.getaddrinfo

    def lead(self, name: str, *answers: list[str]) -> None:
        self.answers[name] = list(answers)

    def look_up(self, host: Any, port: Any, *args: Any, **options: Any) -> Any:
        if host not in self.answers:
            return self._real(host, port, *args, **options)
        self.asked.append(host)
        answers = self.answers[host]
        numbers = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            (socket.AF_INET6 if ":" in each else socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port))
            for each in numbers
        ]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    found = Names()
    monkeypatch.setattr(socket, "getaddrinfo", found.look_up)
    return found
