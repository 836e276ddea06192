"""Triggers by which the database itself refuses to change a money row (row H1).

Why installed after every migrate: SQLite drops a table's triggers without a word when a migration rebuilds the
table. Why also on insert in SQLite: ``REPLACE`` deletes without firing a trigger on connections that did not
ask for recursive triggers.
"""

from collections.abc import Iterator
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model, UniqueConstraint

from amerce.ledger.models import Idempotency, Transfer

MONEY_MODELS: tuple[type[Model], ...] = (Transfer, Idempotency)


def install_guards_after_migrate(*, using: str, **_: Any) -> None:
    """Handler of Django's post_migrate."""
    tables = connections[using].introspection.table_names()
    if all(model._meta.db_table in tables for model in MONEY_MODELS):
        install_guards(using)


def install_guards(using: str = "default") -> None:
    """Put every guard in place, anew. Does no harm where they stand already."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for name, table, create in _guards(connection):
            cursor.execute(_drop(connection, name, table))
            cursor.execute(create)


def remove_guards(using: str = "default") -> None:
    """Take every guard away: for tests that must empty the database, and for nothing else."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for name, table, _ in _guards(connection):
            cursor.execute(_drop(connection, name, table))


def missing_guards(using: str = "default") -> list[str]:
    """Names of the guards that should stand and do not, or that are switched off."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        standing = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    else:
        standing = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    with connection.cursor() as cursor:
        cursor.execute(standing)
        found = {row[0] for row in cursor.fetchall()}
    return [name for name, _, _ in _guards(connection) if name not in found]


def _guards(connection: BaseDatabaseWrapper) -> Iterator[tuple[str, str, str]]:
    """Name, table and CREATE statement of each guard on this engine."""
    for model in MONEY_MODELS:
        yield from (_postgresql if connection.vendor == "postgresql" else _sqlite)(model)


def _sqlite(model: type[Model]) -> Iterator[tuple[str, str, str]]:
    table = model._meta.db_table
    refuse = f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed'); END"
    for verb in ("UPDATE", "DELETE"):
        name = f"guard_{table}_{verb.lower()}"
        yield name, table, f"CREATE TRIGGER {name} BEFORE {verb} ON {table} {refuse}"
    taken = " UNION ALL ".join(
        f"SELECT 1 FROM {table} WHERE " + " AND ".join(f"{column} = NEW.{column}" for column in key)
        for key in _unique_keys(model)
    )
    name = f"guard_{table}_replace"
    yield name, table, f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN EXISTS ({taken}) {refuse}"


def _postgresql(model: type[Model]) -> Iterator[tuple[str, str, str]]:
    table = model._meta.db_table
    function = f"""
        CREATE OR REPLACE FUNCTION refuse_{table}() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'rows of {table} are never changed'; END $$;
    """
    rows, whole = f"guard_{table}_rows", f"guard_{table}_truncate"
    yield (
        rows,
        table,
        f"{function} CREATE TRIGGER {rows} BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION refuse_{table}()",
    )
    yield (
        whole,
        table,
        f"{function} CREATE TRIGGER {whole} BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION refuse_{table}()",
    )


def _unique_keys(model: type[Model]) -> Iterator[list[str]]:
    meta = model._meta
    for field in meta.concrete_fields:
        if field.unique:
            yield [str(field.column)]
    for constraint in meta.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield [str(meta.get_field(name).column) for name in constraint.fields]  # type: ignore[union-attr]


def _drop(connection: BaseDatabaseWrapper, name: str, table: str) -> str:
    on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
    return f"DROP TRIGGER IF EXISTS {name}{on_table}"
