"""The REST interface over HTTP beside a bare view: ``amerce bench --http``.

Why two servers and not calls in one process: what a program waits for is the whole way, through gunicorn, middleware,
key, parameters and answer. Each server is one process with one thread at work, and they take turns.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

import django

from amerce.perf.engines import unwound_when_asked_to_end

FEES, MANY = 5, 10_000
TURN = 10
_STARTS_WITHIN_S, _ANSWERS_WITHIN_S = 30, 60
OURS, LIMIT = "amerce.config.wsgi:application", "amerce.perf.http_limit:application"


@dataclass(frozen=True)
class HttpMeasurement:
    """Medians over all rounds, in calls a second. ``statements`` is what one of our calls sends to the database."""

    name: str
    ours_per_s: float
    limit_per_s: float

    @property
    def ratio(self) -> float:
        return self.ours_per_s / self.limit_per_s


def main() -> int:
    """The process that works in a database of its own; each line it prints is one JSON object."""
    rounds, operations = (int(each) for each in sys.argv[1:3])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amerce.config.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    scene = _Scene()
    with unwound_when_asked_to_end(), _server(OURS) as ours, _server(LIMIT) as limit:
        headers = {"Authorization": f"apikey {scene.key}", "Accept": "application/json"}
        sides = (_Side(ours[0], headers), _Side(limit[0], headers))
        for name, asked in (("GET fees", scene.reading), ("POST pay", scene.paying)):
            rates = _measure(asked, sides, rounds, operations)
            print(json.dumps({"name": name, "ours_per_s": rates[0], "limit_per_s": rates[1]}), flush=True)
        before = _peak_mib(ours[1])
        length = len(sides[0].ask("GET", f"/almaws/v1/users/{scene.long}/fees?format=json"))
        said = f"GET fees of a patron with {MANY:,} fees: {length / 2**20:.1f} MiB of JSON, "
        said += f"peak memory of the server {before:.0f} MiB before and {_peak_mib(ours[1]):.0f} MiB after"
        print(json.dumps({"remark": said}), flush=True)
    return 0


class _Scene:
    """A key, a hundred patrons with five fees each, and one with ten thousand."""

    def __init__(self) -> None:
        from amerce.access.actors import system_actor
        from amerce.access.api_keys import create_api_key
        from amerce.access.privileges import Privilege
        from amerce.patrons.models import Patron
        from amerce.perf.ground import lay_ground, new_patron, now
        from amerce.perf.patron_page import give_fees

        self.ground = lay_ground()
        actor = system_actor(self.ground.institution_id, "bench", Privilege.API_KEY_EDIT)
        self.key = create_api_key(actor=actor, at=now(), name="Bench", scopes=["all"], calls_per_second=0).key
        self.names = dict(Patron.objects.filter(pk__in=self.ground.patron_ids).values_list("pk", "primary_id"))
        for patron_id in self.ground.patron_ids:
            for _ in range(FEES - 1):  # one is there already
                self._charge(patron_id)
        patron = new_patron(self.ground.institution_id)
        give_fees(self.ground, patron.pk, MANY)
        self.long = patron.primary_id

    def reading(self, number: int) -> tuple[tuple[str, str], tuple[str, str]]:
        name = self.names[self.ground.patron_ids[number % len(self.ground.patron_ids)]]
        return ("GET", f"/almaws/v1/users/{name}/fees"), ("GET", f"/fees/{name}")

    def paying(self, number: int) -> tuple[tuple[str, str], tuple[str, str]]:
        patron_id = self.ground.patron_ids[number % len(self.ground.patron_ids)]
        name = self.names[patron_id]
        ours, limit = self._charge(patron_id), self._charge(patron_id)
        query = f"op=pay&amount=10.00&method=CASH&external_transaction_id={uuid4().hex}"
        return (
            ("POST", f"/almaws/v1/users/{name}/fees/{ours}?{query}"),
            ("POST", f"/pay/{name}/{limit}?external_transaction_id={uuid4().hex}"),
        )

    def _charge(self, patron_id: int) -> int:
        from amerce.charges.assess import assess
        from amerce.perf.ground import FEE_TYPE, now

        made = assess(actor=self.ground.actor, at=now(), patron_id=patron_id, type_code=FEE_TYPE, amount_minor=1000)
        return made.lines[0].fee_id


class _Side:
    """One server, asked over one connection that stays open."""

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=_ANSWERS_WITHIN_S)
        self._headers = headers

    def ask(self, method: str, path: str) -> bytes:
        self._connection.request(method, path, headers=self._headers)
        response = self._connection.getresponse()
        body = response.read()
        assert response.status == 200, (path, response.status, body[:500])  # noqa: PLR2004
        return body


def _measure(
    asked: Callable[[int], tuple[tuple[str, str], tuple[str, str]]],
    sides: tuple[_Side, _Side],
    rounds: int,
    operations: int,
) -> list[float]:
    """Calls a second of both sides, which take turns."""
    for warm_up in range(TURN):
        for side, call in zip(sides, asked(warm_up), strict=True):
            side.ask(*call)
    rates: list[list[float]] = [[], []]
    for _ in range(rounds):
        works = [asked(number) for number in range(operations)]
        taken_s = [0.0, 0.0]
        for start in range(0, operations, TURN):
            for number, side in enumerate(sides):
                began = time.perf_counter()
                for work in works[start : start + TURN]:
                    side.ask(*work[number])
                taken_s[number] += time.perf_counter() - began
        for number, total_s in enumerate(taken_s):
            rates[number].append(operations / total_s)
    return [median(each) for each in rates]


@contextmanager
def _server(application: str) -> Iterator[tuple[int, int]]:
    """The port and the process id of a gunicorn with one worker, both to be asked while the block runs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--threads", "4", "--no-control-socket",
        "--log-level", "warning", "--keep-alive", "75", "--bind", f"127.0.0.1:{port}", application,
    ]  # fmt: skip
    with subprocess.Popen(command) as server:  # noqa: S603
        try:
            _wait_for(port)
            yield port, _worker_of(server.pid)
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    give_up_at = time.monotonic() + _STARTS_WITHIN_S
    while True:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=_ANSWERS_WITHIN_S)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except (OSError, HTTPException):
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.2)
        else:
            return


def _worker_of(pid: int) -> int:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    found = children.read_text().split() if children.exists() else []
    return int(found[0]) if found else pid


def _peak_mib(pid: int) -> float:
    """The most memory that a process ever held; 0 where the system does not say."""
    status = Path(f"/proc/{pid}/status")
    lines: list[str] = status.read_text().splitlines() if status.exists() else []
    found: Any = next((line.split()[1] for line in lines if line.startswith("VmHWM")), 0)
    return int(found) / 1024


if __name__ == "__main__":
    sys.exit(main())
