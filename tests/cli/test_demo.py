"""``amerce demo`` from an empty folder to pages, and to the end. One run for all, as it takes its time."""

import os
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WITHIN_S = 180


@pytest.mark.xdist_group("demo library")
def test_it_makes_a_library_serves_it_and_ends_when_told(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    first = _start(folder, port)
    said = _read_until(first, "Press Ctrl-C to end.")
    pages = [_get(host, port, "/") for host in ("127.0.0.1", "localhost")]
    health = _get("127.0.0.1", port, "/healthz")
    first.send_signal(signal.SIGINT)
    assert first.wait(timeout=30) == 0
    second = _start(folder, port)
    said_again = _read_until(second, "Press Ctrl-C to end.")
    second.send_signal(signal.SIGTERM)
    assert second.wait(timeout=30) == 0

    assert f"Amerce is ready at http://127.0.0.1:{port}\n" in said
    people = ("desk", "assistant", "deskmanager", "usermanager", "bursar", "useradmin", "sysadmin")
    assert all(f" {name} " in said for name in people)
    assert " Student assistant " in said
    assert pages == [302, 302]
    assert health == 200
    assert (folder / "secret-key").stat().st_mode & 0o777 == 0o600
    assert "is made" in said
    assert "is there already" in said_again
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def _start(folder: Path, port: int) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AMERCE_")}
    return subprocess.Popen(
        [sys.executable, "-m", "amerce.cli.main", "demo", "--port", str(port)],
        cwd=ROOT,
        env=kept | {"AMERCE_DATA_DIR": str(folder)},
        stdout=subprocess.PIPE,
        text=True,
    )


def _read_until(process: subprocess.Popen[str], last: str) -> str:
    give_up_at = time.monotonic() + WITHIN_S
    said = ""
    assert process.stdout
    for line in process.stdout:
        said += line
        if last in line:
            return said
        assert time.monotonic() < give_up_at
    raise AssertionError(f"it ended with {process.wait()} and said: {said}")


def _get(host: str, port: int, path: str) -> int:
    connection = HTTPConnection(host, port, timeout=30)
    connection.request("GET", path)
    return connection.getresponse().status
