"""``amerce serve`` refuses before it listens, with one sentence."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def _amerce(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The real command in a process of its own, with nothing of the tests' settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AMERCE_")}
    return subprocess.run(
        [sys.executable, "-m", "amerce.cli.main", *arguments],
        cwd=ROOT,
        env=kept | {"AMERCE_DATA_DIR": str(folder)} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_it_refuses_to_serve_without_a_secret(tmp_path: Path) -> None:
    done = _amerce(tmp_path, "serve")
    assert done.returncode == 1
    assert re.fullmatch(r"amerce: Set AMERCE_SECRET_KEY to .+\n", done.stderr)
    assert list(tmp_path.iterdir()) == []


def test_it_refuses_to_serve_tables_that_are_not_made(tmp_path: Path) -> None:
    done = _amerce(tmp_path, "serve", AMERCE_SECRET_KEY="x")
    assert (done.returncode, done.stderr) == (1, "amerce: Run amerce migrate first.\n")
    assert list(tmp_path.iterdir()) == []


def test_it_takes_no_port_that_is_none(tmp_path: Path) -> None:
    for typed in ("0", "65536", "-1", "http", "8000.5"):
        assert _amerce(tmp_path, "serve", f"--port={typed}").returncode == 2


def test_the_demo_says_at_once_that_its_port_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = _amerce(tmp_path, "demo", f"--port={port}")
    assert done.returncode == 1
    assert done.stderr.startswith(f"amerce: Cannot listen on 127.0.0.1:{port}: address already in use.")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
