"""The settings as another process reads them from its environment."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest


def told(expression: str, **variables: str) -> Any:
    """What ``expression`` is in a process with these variables."""
    program = f"import json; from amerce.config import settings; print(json.dumps({expression}))"
    environment = {**os.environ, "AMERCE_SECRET_KEY": "only for tests", **variables}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def options(database_url: str) -> dict[str, Any]:
    """The driver's options of a process with this database."""
    return dict(told("settings.DATABASES['default']['OPTIONS']", AMERCE_DATABASE_URL=database_url))


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


EVERY_VALUE = """[
    settings.DATABASES["default"]["NAME"], settings.EMAIL_BACKEND, settings.BASE_URL, settings.DEMO,
    settings.ALLAUTH_TRUSTED_PROXY_COUNT, settings.AMERCE_OUTBOUND_HOSTS, settings.DATA_DIR.name,
]"""


@pytest.mark.parametrize("nothing", ["", " "])
def test_a_variable_that_is_empty_counts_as_not_set(nothing: str) -> None:
    names = ("DATABASE_URL", "EMAIL_URL", "BASE_URL", "DEMO", "PROXIES", "OUTBOUND_HOSTS", "DATA_DIR")

    name, *others = told(EVERY_VALUE, **{f"AMERCE_{each}": nothing for each in names})

    assert name.endswith("/var/amerce.sqlite3")
    no_mail = "amerce.letters.transports.no_mail.EmailBackend"
    assert others == [no_mail, "http://127.0.0.1:8000", False, 0, [], "var"]


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("DATABASE_URL", each, "AMERCE_DATABASE_URL is no address like sqlite:///path or postgres://host/name.")
        for each in ("nonsense", "oracle://host/name", "mysql://host/name")
    ]
    + [("PROXIES", each, "AMERCE_PROXIES is how many proxies there are, a whole number.") for each in ("two", "-1")],
)
def test_what_cannot_be_understood_ends_every_command_in_one_sentence(variable: str, value: str, sentence: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "amerce.cli.main", "job", "list"],
        env={**os.environ, "AMERCE_SECRET_KEY": "only for tests", f"AMERCE_{variable}": value},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"amerce: {sentence}\n")
