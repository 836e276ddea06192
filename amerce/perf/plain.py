"""The hand-written side's connection: psycopg or sqlite3, nothing between it and the statement.

Why one class for both: the limit's statements are written once, in PostgreSQL's dialect, and must differ
between the engines by nothing but the driver.
"""

import functools
import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
from django.db import connection

_VALUES = 999  # what every SQLite takes in one statement
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

    def stream(self, statement: str, *values: Any, at_once: int) -> Iterator[Any]:
        """The rows as they are read, so many in memory at once."""
        self.statements += 1
        if not self.is_postgresql:
            yield from self._connection.execute(self._dialect(statement), values)
            return
        with self._connection.transaction(), self._connection.cursor(name="streamed") as cursor:
            cursor.itersize = at_once
            cursor.execute(statement, values)
            yield from cursor

    def named_row(self, statement: str, values: dict[str, Any]) -> Any:
        """The first row of a PostgreSQL statement with named places."""
        self.statements += 1
        self._cursor.execute(statement, values)
        return self._cursor.fetchone()

    def insert_all(
        self, table: str, columns: str, rows: Sequence[Sequence[Any]], *, needs_ids: bool = True
    ) -> list[int]:
        """Insert many rows the engine's fastest way, and give their ids. A COPY counts by the drawing of its ids; on
        PostgreSQL one whose ids nobody needs draws none, and so is not counted.
        """
        if not rows:
            return []
        if not self.is_postgresql:
            return self._insert_some(table, columns, rows)
        if not needs_ids:
            with self._cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return []
        self.run(f"SELECT nextval(%s::regclass) FROM generate_series(1, {len(rows)})", f"{table}_id_seq")
        ids = [pk for (pk,) in self._cursor.fetchall()]
        with self._cursor.copy(f"COPY {table} (id, {columns}) FROM STDIN") as copy:
            for pk, row in zip(ids, rows, strict=True):
                copy.write_row((pk, *row))
        return ids

    def _insert_some(self, table: str, columns: str, rows: Sequence[Sequence[Any]]) -> list[int]:
        ids: list[int] = []
        at_once = max(1, (connection.features.max_query_params or _VALUES) // len(rows[0]))
        place = f"({', '.join('?' * len(rows[0]))})"
        for begin in range(0, len(rows), at_once):
            some = rows[begin : begin + at_once]
            places = ", ".join([place] * len(some))
            values = [value for row in some for value in row]
            found = self.rows(f"INSERT INTO {table} ({columns}) VALUES {places} RETURNING id", *values)
            ids += [pk for (pk,) in found]
        return ids

    def update_all(self, table: str, types: dict[str, str], rows: Sequence[Sequence[Any]]) -> None:
        """Write the columns named in ``types`` of many rows; the last value of each row is its id."""
        if not rows:
            return
        self.statements += 1
        if not self.is_postgresql:
            pairs = ", ".join(f"{name} = ?" for name in types)
            self._cursor.executemany(f"UPDATE {table} SET {pairs} WHERE id = ?", rows)
            return
        pairs = ", ".join(f"{name} = given.{name}" for name in types)
        arrays = ", ".join(f"%s::{each}[]" for each in (*types.values(), "bigint"))
        given = f"unnest({arrays}) AS given ({', '.join(types)}, id)"
        columns = [list(column) for column in zip(*rows, strict=True)]
        self._cursor.execute(f"UPDATE {table} SET {pairs} FROM {given} WHERE {table}.id = given.id", columns)

    def moment(self, at: datetime) -> Any:
        """``at``, which is in UTC, as the engine keeps it."""
        return at if self.is_postgresql else str(at.replace(tzinfo=None))

    def read_moment(self, stored: Any) -> datetime:
        """A moment as the engine keeps it."""
        return stored if self.is_postgresql else datetime.fromisoformat(stored).replace(tzinfo=UTC)

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
