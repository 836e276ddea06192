"""Statements compiled once and sent many times: reading and writing the few rows of a command.

Why: Django composes a statement anew on every call, which takes longer than the database takes to answer it, and
a command sends a dozen. They are the same each time but for their values. A queryset stays the source of what is
read; ``docs/adr/0009-compiled-statements.md``.
"""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import chain
from typing import Any, Generic, TypeAlias, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    BigIntegerField,
    CharField,
    Field,
    ForeignKey,
    Model,
    OneToOneField,
    PositiveIntegerField,
    QuerySet,
    TextField,
)
from django.db.models.query import get_related_populators  # type: ignore[attr-defined]

Row = TypeVar("Row", bound=Model)

SHAPES_LIMIT = 64
"""How many compiled forms one ``Select`` keeps: one for each length of a list among its values."""
_AS_IT_IS = (BigIntegerField, PositiveIntegerField, CharField, TextField, ForeignKey, OneToOneField)
_Columns: TypeAlias = "list[tuple[str, Field[Any, Any] | None]]"
_BIGINT = 2**63
_MARK = 7_100_000_000_000_000_000  # within BIGINT, and no id ever


class Select(Generic[Row]):
    """A query compiled at its first use. ``build`` makes the queryset from int, str or lists of int.

    The statement must depend on nothing but the lengths of the lists, and find a row only if it holds the values.
    """

    def __init__(self, build: Callable[..., QuerySet[Row]]) -> None:
        self._build = build
        self._compiled: dict[tuple[int, ...], _Compiled[Row]] = {}

    def rows(self, *values: Any) -> list[Row]:
        """Every row as a model instance, ``select_related`` and annotations included."""
        if not all(_fits(value) for value in values):
            return []  # SQLite would stumble over a number that no row can hold
        wanted = [list(filter(_fits, value)) if isinstance(value, list) else value for value in values]
        if [] in wanted:
            return list(self._build(*wanted))
        shape = tuple(len(value) if isinstance(value, list) else 1 for value in wanted)
        compiled = self._compiled.get(shape)
        if compiled is None:
            if len(self._compiled) >= SHAPES_LIMIT:
                self._compiled.clear()
            compiled = self._compiled[shape] = _Compiled(self._build, wanted)
        return compiled.rows(wanted)

    def first(self, *values: Any) -> Row | None:
        """The first row, or None. For a query by a unique key."""
        return next(iter(self.rows(*values)), None)


def insert(rows: Sequence[Model]) -> None:
    """Insert new rows of one model and give them their ids."""
    if len(rows) != 1:  # Django composes one statement for many rows, which is what many rows need
        if rows:
            type(rows[0])._default_manager.bulk_create(rows)
        return
    row, opened = rows[0], connections[DEFAULT_DB_ALIAS]
    statement, columns = _insert(type(row))
    with opened.cursor() as cursor:
        cursor.execute(statement, _values(row, columns, opened))
        if opened.features.can_return_columns_from_insert:
            row.pk = cursor.fetchone()[0]
        else:  # SQLite before 3.35
            row.pk = cursor.lastrowid
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def update(row: Model, columns: tuple[str, ...]) -> None:
    """Write ``columns`` of a row that exists."""
    opened = connections[DEFAULT_DB_ALIAS]
    statement, written = _update(type(row), columns)
    with opened.cursor() as cursor:
        cursor.execute(statement, [*_values(row, written, opened), row.pk])
        assert cursor.rowcount == 1, f"{row!r} is gone"


def update_all(rows: Sequence[Model], columns: tuple[str, ...]) -> None:
    """Write ``columns`` of rows of one model that exist, by one statement that is sent with many values."""
    if len(rows) < 2:  # noqa: PLR2004 - what most commands change
        for row in rows:
            update(row, columns)
        return
    opened = connections[DEFAULT_DB_ALIAS]
    statement, written = _update(type(rows[0]), columns)
    with opened.cursor() as cursor:
        cursor.executemany(statement, [[*_values(row, written, opened), row.pk] for row in rows])
        assert cursor.rowcount == len(rows), f"{len(rows) - cursor.rowcount} of {len(rows)} rows are gone"


class _Compiled(Generic[Row]):
    """What Django's ``ModelIterable`` prepares on every call, kept."""

    def __init__(self, build: Callable[..., QuerySet[Row]], values: Sequence[Any]) -> None:
        marks = _marks(values)
        query = build(*marks).query
        self._compiler = query.get_compiler(connection=connection)
        self._sql, params = self._compiler.as_sql()
        place = {mark: number for number, mark in enumerate(_flat(marks))}
        self._slots = [(place.get(param), param) for param in params]
        assert {slot for slot, _ in self._slots} >= set(place.values()), "a value is not in the statement as it is"
        select, info = self._compiler.select, self._compiler.klass_info
        columns = info["select_fields"]
        self._start, self._end = columns[0], columns[-1] + 1
        self._names = [select[number][0].target.attname for number in columns]
        self._model = info["model"]
        self._populators = get_related_populators(info, select, DEFAULT_DB_ALIAS)
        self._annotated = list((self._compiler.annotation_col_map or {}).items())
        self._converters = self._compiler.get_converters([each[0] for each in select])

    def rows(self, values: Sequence[Any]) -> list[Row]:
        flat = _flat(values)
        params = [param if slot is None else type(param)(flat[slot]) for slot, param in self._slots]
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(self._sql, params)
            found = cursor.fetchall()
        return [self._instance(row) for row in self._compiler.apply_converters(found, self._converters)]

    def _instance(self, row: Sequence[Any]) -> Row:
        made: Row = self._model.from_db(DEFAULT_DB_ALIAS, self._names, row[self._start : self._end])
        for populator in self._populators:
            populator.populate(row, made)
        for name, number in self._annotated:
            setattr(made, name, row[number])
        return made


def _fits(value: Any) -> bool:
    return not isinstance(value, int) or -_BIGINT <= value < _BIGINT


def _marks(values: Sequence[Any]) -> list[Any]:
    """Values no row has, of the same types: by them each place in the statement is found again."""
    marks: list[Any] = []
    number = 0
    for value in values:
        if isinstance(value, list):
            marks.append([_MARK + number + each for each in range(len(value))])
            number += len(value)
        else:
            marks.append(f"mark {_MARK + number}" if isinstance(value, str) else _MARK + number)
            number += 1
    return marks


def _flat(values: Sequence[Any]) -> list[Any]:
    return list(chain.from_iterable(value if isinstance(value, list) else (value,) for value in values))


def _values(row: Model, columns: _Columns, connection: BaseDatabaseWrapper) -> list[Any]:
    return [
        getattr(row, name) if field is None else field.get_db_prep_save(getattr(row, name), connection)
        for name, field in columns
    ]


@cache
def _insert(model: type[Model]) -> tuple[str, _Columns]:
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column) for field in fields)
    places = ", ".join("%s" for _ in fields)
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({places})"  # noqa: S608
    if connection.features.can_return_columns_from_insert:
        statement += f" RETURNING {quote(model._meta.pk.column)}"
    return statement, _columns(fields)


@cache
def _update(model: type[Model], names: tuple[str, ...]) -> tuple[str, _Columns]:
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    quote = connection.ops.quote_name
    pairs = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    key = quote(model._meta.pk.column)
    statement = f"UPDATE {quote(model._meta.db_table)} SET {pairs} WHERE {key} = %s"  # noqa: S608
    return statement, _columns(fields)


def _columns(fields: Sequence[Any]) -> _Columns:
    """Numbers and texts go to the driver as they are, the rest through the field."""
    return [(field.attname, None if type(field) in _AS_IT_IS else field) for field in fields]
