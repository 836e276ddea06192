"""The hand-written side's connection: psycopg or sqlite3, nothing between it and the statement.

Why one class for both: the limit's statements are written once, in PostgreSQL's dialect, and must differ
between the engines by nothing but the driver.
"""

import functools
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg
from django.db import connection

_PLACES = {"dbname", "user", "password", "host", "port"}


class Plain:
    """A second connection to the database that Django uses, with the drivers' own defaults.

    PostgreSQL prepares a statement after some uses; SQLite keeps compiled statements. Isolation, WAL and fsync
    are those of Amerce's own connection.
    """

    def __init__(self) -> None:
        self.is_postgresql = connection.vendor == "postgresql"
        self.statements = 0
        self._connection: Any = _postgresql() if self.is_postgresql else _sqlite()
        self._cursor = self._connection.cursor()
        self._dialect = str if self.is_postgresql else _for_sqlite

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if not self.is_postgresql:
            self._cursor.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.rollback()
            raise
        self._connection.commit()

    def run(self, statement: str, *values: Any) -> None:
        self.statements += 1
        self._cursor.execute(self._dialect(statement), values)

    def row(self, statement: str, *values: Any) -> Any:
        """The first row, or None."""
        self.run(statement, *values)
        return self._cursor.fetchone()

    def rows(self, statement: str, *values: Any) -> list[Any]:
        self.run(statement, *values)
        return list(self._cursor.fetchall())

    def named_row(self, statement: str, values: dict[str, Any]) -> Any:
        """The first row of a PostgreSQL statement with named places."""
        self.statements += 1
        self._cursor.execute(statement, values)
        return self._cursor.fetchone()

    def moment(self, at: datetime) -> Any:
        """``at``, which is in UTC, as the engine keeps it."""
        return at if self.is_postgresql else str(at.replace(tzinfo=None))

    def json(self, value: Any) -> str:
        return json.dumps(value)

    def close(self) -> None:
        self._connection.close()


@functools.cache
def _for_sqlite(statement: str) -> str:
    return re.sub(r"FOR UPDATE( OF \w+)?", "", statement).replace("%s", "?")


def _postgresql() -> Any:
    places = {name: value for name, value in connection.get_connection_params().items() if name in _PLACES}
    return psycopg.connect(**places)


def _sqlite() -> Any:
    opened = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None, timeout=30)
    opened.executescript(connection.settings_dict["OPTIONS"]["init_command"])
    opened.execute("PRAGMA foreign_keys = ON")
    return opened
