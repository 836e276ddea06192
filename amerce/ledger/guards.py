"""Triggers by which the database itself refuses to change a money row (row H1).

Why installed after every migrate: SQLite drops a table's triggers without a word when a migration rebuilds the
table. Why also on insert in SQLite: ``REPLACE`` deletes without firing a trigger on connections that did not
ask for recursive triggers. Why ``ENABLE ALWAYS`` in PostgreSQL: a session in the replica role skips the others.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model, UniqueConstraint

from amerce.ledger.models import Idempotency, Transfer

MONEY_MODELS: tuple[type[Model], ...] = (Transfer, Idempotency)

_ROWS_TYPE = 1 | 2 | 8 | 16  # pg_trigger.tgtype: for each row, before, delete, update
_WHOLE_TYPE = 2 | 32  # before, truncate


@dataclass(frozen=True)
class _Guard:
    """One trigger and the statements that make it. ``pg_type`` is what pg_trigger says of its events."""

    name: str
    table: str
    create: tuple[str, ...]
    pg_type: int = 0


def install_guards_after_migrate(*, using: str, **_: Any) -> None:
    """Handler of Django's post_migrate."""
    tables = connections[using].introspection.table_names()
    if all(model._meta.db_table in tables for model in MONEY_MODELS):
        install_guards(using)


def install_guards(using: str = "default") -> None:
    """Put in place, at once, every guard that is missing, switched off or not ours. The others are not touched."""
    connection = connections[using]
    missing = set(missing_guards(using))
    with transaction.atomic(using), connection.cursor() as cursor:
        for guard in _guards(connection):
            if guard.name in missing:
                cursor.execute(_drop(connection, guard))
                for statement in guard.create:
                    cursor.execute(statement)


def remove_guards(using: str = "default") -> None:
    """Take every guard away: for tests that must empty the database, and for nothing else."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for guard in _guards(connection):
            cursor.execute(_drop(connection, guard))


def missing_guards(using: str = "default") -> list[str]:
    """Names of the guards that should stand and do not: dropped, switched off or replaced by something else."""
    connection = connections[using]
    stands = _stands_in_postgresql if connection.vendor == "postgresql" else _stands_in_sqlite
    return [guard.name for guard in _guards(connection) if not stands(connection, guard)]


def foreign_guards(using: str = "default") -> list[str]:
    """Names of the triggers and rules on money tables that are not ours: they could turn a write into another."""
    connection = connections[using]
    ours = {(guard.name, guard.table) for guard in _guards(connection)}
    tables = [model._meta.db_table for model in MONEY_MODELS]
    places = ", ".join(["%s"] * len(tables))
    statement = (
        "SELECT name, lower(tbl_name) FROM sqlite_master WHERE type = 'trigger' AND lower(tbl_name) IN ({places})"
    )
    if connection.vendor == "postgresql":
        places = ", ".join(["to_regclass(%s)"] * len(tables))
        statement = (
            "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
            "WHERE NOT tgisinternal AND tgrelid IN ({places}) "
            "UNION ALL SELECT 'rule ' || rulename, '' FROM pg_rewrite WHERE ev_class IN ({places})"
        )
        tables *= 2
    with connection.cursor() as cursor:
        cursor.execute(statement.format(places=places), tables)
        return sorted(name for name, table in cursor.fetchall() if (name, table) not in ours)


def _stands_in_sqlite(connection: BaseDatabaseWrapper, guard: _Guard) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = %s AND tbl_name = %s AND sql = %s",
            [guard.name, guard.table, guard.create[0]],
        )
        return cursor.fetchone() is not None


def _stands_in_postgresql(connection: BaseDatabaseWrapper, guard: _Guard) -> bool:
    """Compares what the trigger does and not its text, which each version of PostgreSQL may write its own way."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT 1 FROM pg_trigger
            JOIN pg_proc ON pg_proc.oid = tgfoid
            JOIN pg_language ON pg_language.oid = prolang
            WHERE tgname = %s AND tgrelid = to_regclass(%s) AND tgtype = %s AND tgenabled = 'A'
                AND tgqual IS NULL AND tgattr::text = '' AND lanname = 'plpgsql' AND prosrc = %s
            """,
            [guard.name, guard.table, guard.pg_type, _body(guard.table)],
        )
        return cursor.fetchone() is not None


def _guards(connection: BaseDatabaseWrapper) -> Iterator[_Guard]:
    for model in MONEY_MODELS:
        yield from (_postgresql if connection.vendor == "postgresql" else _sqlite)(model)


def _sqlite(model: type[Model]) -> Iterator[_Guard]:
    table = model._meta.db_table
    refuse = f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed'); END"
    for verb in ("UPDATE", "DELETE"):
        name = f"guard_{table}_{verb.lower()}"
        yield _Guard(name, table, (f"CREATE TRIGGER {name} BEFORE {verb} ON {table} {refuse}",))
    taken = " UNION ALL ".join(
        f"SELECT 1 FROM {table} WHERE " + " AND ".join(f"{column} = NEW.{column}" for column in key)
        for key in _unique_keys(model)
    )
    name = f"guard_{table}_replace"
    yield _Guard(name, table, (f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN EXISTS ({taken}) {refuse}",))


def _postgresql(model: type[Model]) -> Iterator[_Guard]:
    table = model._meta.db_table
    function = f"CREATE OR REPLACE FUNCTION refuse_{table}() RETURNS trigger LANGUAGE plpgsql AS $${_body(table)}$$"
    for suffix, events, level, pg_type in (
        ("rows", "UPDATE OR DELETE", "ROW", _ROWS_TYPE),
        ("truncate", "TRUNCATE", "STATEMENT", _WHOLE_TYPE),
    ):
        name = f"guard_{table}_{suffix}"
        trigger = f"CREATE TRIGGER {name} BEFORE {events} ON {table} FOR EACH {level} EXECUTE FUNCTION refuse_{table}()"
        always = f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"
        yield _Guard(name, table, (function, trigger, always), pg_type)


def _body(table: str) -> str:
    return f" BEGIN RAISE EXCEPTION 'rows of {table} are never changed'; END "


def _unique_keys(model: type[Model]) -> Iterator[list[str]]:
    meta = model._meta
    for field in meta.concrete_fields:
        if field.unique:
            yield [str(field.column)]
    for constraint in meta.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield [str(meta.get_field(name).column) for name in constraint.fields]  # type: ignore[union-attr]


def _drop(connection: BaseDatabaseWrapper, guard: _Guard) -> str:
    on_table = f" ON {guard.table}" if connection.vendor == "postgresql" else ""
    return f"DROP TRIGGER IF EXISTS {guard.name}{on_table}"
