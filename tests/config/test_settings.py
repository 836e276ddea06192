"""The settings as another process reads them from its environment."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest


def options(database_url: str) -> dict[str, Any]:
    """The driver's options of a process with this database."""
    program = (
        "import json; from amerce.config import settings; print(json.dumps(settings.DATABASES['default']['OPTIONS']))"
    )
    environment = {**os.environ, "AMERCE_DATABASE_URL": database_url, "AMERCE_SECRET_KEY": "only for tests"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def test_postgresql_prepares_the_statements_that_a_command_repeats() -> None:
    assert options("postgres://host/name") == {"server_side_binding": True, "prepare_threshold": 5}


def test_sqlite_waits_at_begin_and_keeps_what_it_acknowledged() -> None:
    assert options("sqlite:////tmp/x.sqlite3")["transaction_mode"] == "IMMEDIATE"
    assert "synchronous=FULL" in options("sqlite:////tmp/x.sqlite3")["init_command"]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("postgres://host/name?sslmode=require", ("sslmode", "require")),
        ("sqlite:////tmp/x.sqlite3?timeout=30", ("timeout", 30)),
    ],
)
def test_the_options_in_an_address_have_the_last_word(address: str, expected: tuple[str, Any]) -> None:
    assert expected in options(address).items()
