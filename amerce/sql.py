"""Statements compiled once and sent many times: reading and writing the rows of a command, few or many.

Why: Django composes a statement anew on every call, which takes longer than the database takes to answer it, and
a command sends a dozen. They are the same each time but for their values. A queryset stays the source of what is
read; ``docs/adr/0009-compiled-statements.md``. Many rows go the engine's own fastest way:
``docs/adr/0015-set-based-writing.md``.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    BigIntegerField,
    CharField,
    DateTimeField,
    F,
    ForeignKey,
    Model,
    OneToOneField,
    PositiveIntegerField,
    QuerySet,
    TextField,
)
from django.db.models.base import ModelState
from django.db.models.lookups import Lookup
from django.db.models.query import ModelIterable, get_related_populators  # type: ignore[attr-defined]

Row = TypeVar("Row", bound=Model)

SHAPES_LIMIT = 64
"""How many compiled forms one ``Select`` keeps: one for each length of a list among its values."""
_AS_IT_IS = (BigIntegerField, PositiveIntegerField, CharField, TextField, ForeignKey, OneToOneField)
_BIGINT = 2**63
_SQLITE_VALUES = 999  # what every SQLite takes in one statement
_NEXT_IDS = """
    SELECT nextval(drawn.sequence) FROM (SELECT pg_get_serial_sequence(%s, %s)::regclass AS sequence OFFSET 0) AS drawn,
    generate_series(1, %s)"""
_MARK = 7_100_000_000_000_000_000  # within BIGINT, and no id ever
_MARK_AT = datetime(9000, 1, 1, tzinfo=UTC)


class Ids(list[int]):
    """Ids of which a ``Select`` with ``among`` makes one value: its statement is the same however many they are."""


class Select(Generic[Row]):
    """A query compiled at its first use. ``build`` makes the queryset from int, str, times, ``Ids`` or lists of int.

    The statement must depend on nothing but the lengths of the lists, and find a row only if it holds the values.
    """

    def __init__(self, build: Callable[..., QuerySet[Row]]) -> None:
        self._build = build
        self._compiled: dict[tuple[int, ...], _Compiled[Row]] = {}

    def rows(self, *values: Any) -> list[Row]:
        """Every row as a model instance, ``select_related`` and annotations included, or as the tuple of a
        ``values_list``.
        """
        if not all(_fits(value) for value in values):
            return []  # SQLite would stumble over a number that no row can hold
        wanted = [type(value)(filter(_fits, value)) if isinstance(value, list) else value for value in values]
        if [] in wanted:
            return list(self._build(*wanted))
        shape = tuple(len(value) if _is_many(value) else 1 for value in wanted)
        compiled = self._compiled.get(shape)
        if compiled is None:
            if len(self._compiled) >= SHAPES_LIMIT:
                self._compiled.clear()
            compiled = self._compiled[shape] = _Compiled(self._build, wanted)
        return compiled.rows(wanted)

    def first(self, *values: Any) -> Row | None:
        """The first row, or None. For a query by a unique key."""
        return next(iter(self.rows(*values)), None)


def among(column: str, values: Iterable[int] | Iterable[str]) -> "Lookup[Any]":
    """For ``filter(among("loan_id", ids))``: ids or texts as one value of a statement, the same however many they are.

    Both sides of a statement with hundreds of places, Django's and the driver's, take longer than the database.
    """
    return _Among(F(column), list(values))


def fresh(model: type[Row], **columns: Any) -> Row:
    """A new row of ``model``, as ``model(**columns)`` is, in a tenth of the time. ``columns`` by the names they have
    in the table: ``fee_id``, not ``fee``.
    """
    made = model.__new__(model)
    made._state = ModelState()
    kept = made.__dict__
    for name, default in _defaults(model):
        kept[name] = columns.pop(name) if name in columns else default()
    assert not columns, f"{model.__name__} has no {', '.join(columns)}"
    return made


def insert(rows: Sequence[Model], *, needs_ids: bool = True) -> None:
    """Insert new rows of one model and give them their ids. Must run in a transaction when there are many.

    Who does not need the ids spares the database to say them, and must not go on with the rows.
    """
    if not rows:
        return
    opened = connections[DEFAULT_DB_ALIAS]
    if not needs_ids and len(rows) > 1 and opened.vendor == "postgresql":
        _copy_blindly(rows, opened)
        return
    if len(rows) == 1:
        ids = _insert_one(rows[0], opened)
    elif opened.vendor == "postgresql":
        ids = _copy(rows, opened)
    else:
        ids = _insert_some(rows, opened)
    for row, pk in zip(rows, ids, strict=True):
        row.pk = pk
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def update(row: Model, columns: tuple[str, ...]) -> None:
    """Write ``columns`` of a row that exists."""
    opened = connections[DEFAULT_DB_ALIAS]
    statement, written = _update(type(row), columns)
    with opened.cursor() as cursor:
        cursor.execute(statement, [*_values(row, written, opened), row.pk])
        assert cursor.rowcount == 1, f"{row!r} is gone"


def update_all(rows: Sequence[Model], columns: tuple[str, ...]) -> None:
    """Write ``columns`` of rows of one model that exist, by one statement."""
    if len(rows) < 2:  # noqa: PLR2004 - what most commands change
        for row in rows:
            update(row, columns)
        return
    opened = connections[DEFAULT_DB_ALIAS]
    is_postgresql = opened.vendor == "postgresql"
    statement, written = (_update_from if is_postgresql else _update)(type(rows[0]), columns)
    values = [[*_values(row, written, opened), row.pk] for row in rows]
    with opened.cursor() as cursor:
        if is_postgresql:
            cursor.execute(statement, [list(column) for column in zip(*values, strict=True)])
        else:
            cursor.executemany(statement, values)
        assert cursor.rowcount == len(rows), f"{len(rows) - cursor.rowcount} of {len(rows)} rows are gone"


def _insert_one(row: Model, opened: BaseDatabaseWrapper) -> list[int]:
    statement, columns = _insert(type(row))
    with opened.cursor() as cursor:
        cursor.execute(statement, _values(row, columns, opened))
        if opened.features.can_return_columns_from_insert:
            return [cursor.fetchone()[0]]
        return [cursor.lastrowid]  # SQLite before 3.35


def _insert_some(rows: Sequence[Model], opened: BaseDatabaseWrapper) -> list[int]:
    """As many rows in one statement as may have their values in it."""
    if not opened.features.can_return_columns_from_insert:  # SQLite before 3.35
        return [pk for row in rows for pk in _insert_one(row, opened)]
    statement, columns = _insert(type(rows[0]))
    start, _, places = statement.partition(" VALUES ")
    place, returning, pk_column = places.partition(" RETURNING ")
    at_once = max(1, (opened.features.max_query_params or _SQLITE_VALUES) // place.count("%s"))
    ids: list[int] = []
    with opened.cursor() as cursor:
        for begin in range(0, len(rows), at_once):
            some = rows[begin : begin + at_once]
            values = [value for row in some for value in _values(row, columns, opened)]
            cursor.execute(f"{start} VALUES {', '.join([place] * len(some))}{returning}{pk_column}", values)
            ids += [pk for (pk,) in cursor.fetchall()]
    return ids


def _copy(rows: Sequence[Model], opened: BaseDatabaseWrapper) -> list[int]:
    """By COPY, which takes rows several times as fast as INSERT; it tells no ids, so they are drawn before."""
    statement, columns = _copy_in(type(rows[0]), with_ids=True)
    meta = type(rows[0])._meta
    with opened.cursor() as cursor:
        cursor.execute(_NEXT_IDS, [opened.ops.quote_name(meta.db_table), meta.pk.column, len(rows)])
        ids = [pk for (pk,) in cursor.fetchall()]
        with opened.wrap_database_errors, cursor.copy(statement) as copy:
            for row, pk in zip(rows, ids, strict=True):
                copy.write_row([pk, *_values(row, columns, opened)])
    return ids


def _copy_blindly(rows: Sequence[Model], opened: BaseDatabaseWrapper) -> None:
    """By COPY, the database drawing the ids."""
    statement, columns = _copy_in(type(rows[0]), with_ids=False)
    with opened.cursor() as cursor, opened.wrap_database_errors, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(_values(row, columns, opened))


class _Among(Lookup):  # type: ignore[type-arg]
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        if connection.vendor == "postgresql":
            return f"{column} = ANY(%s::{_array_type(self.lhs.output_field)})", (*params, self.rhs)
        return f"{column} IN (SELECT value FROM json_each(%s))", (*params, json.dumps(self.rhs))  # noqa: S608


class _Columns(NamedTuple):
    """How to pick the values of some columns of a row, and which of them go through their field."""

    pick: Callable[[dict[str, Any]], Sequence[Any]]
    special: list[tuple[int, Any]]


class _Compiled(Generic[Row]):
    """What Django's ``ModelIterable`` prepares on every call, kept."""

    def __init__(self, build: Callable[..., QuerySet[Row]], values: Sequence[Any]) -> None:
        marks = _marks(values)
        queryset = build(*marks)
        self._compiler = queryset.query.get_compiler(connection=connection)
        self._sql, params = self._compiler.as_sql()
        place = {_key(_adapted(mark)): number for number, mark in enumerate(_flat(marks))}
        self._slots = [(place.get(_key(param)), param) for param in params]
        assert {slot for slot, _ in self._slots} >= set(place.values()), "a value is not in the statement as it is"
        select, info = self._compiler.select, self._compiler.klass_info
        self._converters = self._compiler.get_converters([each[0] for each in select])
        is_model = issubclass(queryset._iterable_class, ModelIterable)
        self._make: Callable[[Sequence[Any]], Any] = self._instance if is_model else tuple
        if not is_model:
            return
        columns = info["select_fields"]
        self._start, self._end = columns[0], columns[-1] + 1
        self._names = [select[number][0].target.attname for number in columns]
        self._model = info["model"]
        self._populators = get_related_populators(info, select, DEFAULT_DB_ALIAS)
        self._annotated = list((self._compiler.annotation_col_map or {}).items())

    def rows(self, values: Sequence[Any]) -> list[Row]:
        flat = _flat(values)
        params = [param if slot is None else _given(flat[slot], param) for slot, param in self._slots]
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(self._sql, params)
            found = cursor.fetchall()
        if self._converters:
            found = self._compiler.apply_converters(found, self._converters)
        return [self._make(row) for row in found]

    def _instance(self, row: Sequence[Any]) -> Row:
        made: Row = _loaded(self._model, self._names, row[self._start : self._end])
        for populator in self._populators:
            _relate(made, populator, row)
        for name, number in self._annotated:
            setattr(made, name, row[number])
        return made


def _loaded(model: type[Model], names: Sequence[str], values: Sequence[Any]) -> Any:
    """As ``from_db`` makes it, in a fraction of the time."""
    made = model.__new__(model)
    made._state = state = ModelState()
    state.adding, state.db = False, DEFAULT_DB_ALIAS
    made.__dict__.update(zip(names, values, strict=True))
    return made


def _relate(made: Model, populator: Any, row: Sequence[Any]) -> None:
    """As the ``populate`` of Django's populator gives ``made`` a row of ``select_related``, and that one its own."""
    reorder = populator.reorder_for_init
    values = reorder(row) if reorder else row[populator.cols_start : populator.cols_end]
    related = None
    if values[populator.pk_idx] is not None:
        related = _loaded(populator.model_cls, populator.init_list, values)
        for further in populator.related_populators:
            _relate(related, further, row)
        populator.remote_setter(related, made)
    populator.local_setter(made, related)


def _fits(value: Any) -> bool:
    return not isinstance(value, int) or -_BIGINT <= value < _BIGINT


def _is_many(value: Any) -> bool:
    """Whether ``value`` takes as many places of the statement as it is long."""
    return isinstance(value, list) and not isinstance(value, Ids)


def _adapted(value: Any) -> Any:
    """A value as the driver gets it, where that is not the value itself."""
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


def _given(value: Any, like: Any) -> Any:
    """``value`` for the place where the compiled statement has ``like``."""
    if isinstance(value, Ids):
        return json.dumps(value) if isinstance(like, str) else list(value)
    return _adapted(value) if isinstance(value, datetime) else type(like)(value)


def _key(param: Any) -> Any:
    return json.dumps(param) if isinstance(param, list) else param


def _marks(values: Sequence[Any]) -> list[Any]:
    """Values no row has, of the same types: by them each place in the statement is found again."""
    marks: list[Any] = []
    number = 0
    for value in values:
        if isinstance(value, Ids):
            marks.append(Ids([_MARK + number]))
            number += 1
        elif isinstance(value, datetime):
            marks.append(_MARK_AT + timedelta(microseconds=number))
            number += 1
        elif isinstance(value, list):
            marks.append([_MARK + number + each for each in range(len(value))])
            number += len(value)
        else:
            marks.append(f"mark {_MARK + number}" if isinstance(value, str) else _MARK + number)
            number += 1
    return marks


def _flat(values: Sequence[Any]) -> list[Any]:
    return list(chain.from_iterable(value if _is_many(value) else (value,) for value in values))


def _values(row: Model, columns: "_Columns", connection: BaseDatabaseWrapper) -> list[Any]:
    values = list(columns.pick(row.__dict__))
    for number, field in columns.special:
        values[number] = field.get_db_prep_save(values[number], connection)
    return values


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


@cache
def _copy_in(model: type[Model], *, with_ids: bool) -> tuple[str, _Columns]:
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column) for field in ((model._meta.pk, *fields) if with_ids else fields))
    return f"COPY {quote(model._meta.db_table)} ({names}) FROM STDIN", _columns(fields)


@cache
def _update_from(model: type[Model], names: tuple[str, ...]) -> tuple[str, _Columns]:
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    quote = connection.ops.quote_name
    given = [*fields, model._meta.pk]
    pairs = ", ".join(f"{quote(field.column)} = given.{quote(field.column)}" for field in fields)
    arrays = ", ".join(f"%s::{_array_type(field)}" for field in given)
    columns = ", ".join(quote(field.column) for field in given)
    table, key = quote(model._meta.db_table), quote(model._meta.pk.column)
    statement = (
        f"UPDATE {table} SET {pairs} FROM unnest({arrays}) AS given ({columns}) "  # noqa: S608
        f"WHERE {table}.{key} = given.{key}"
    )
    return statement, _columns(fields)


def _array_type(field: Any) -> str:
    """Without the length of a text: a cast would cut what is too long, where writing it refuses."""
    return f"{field.rel_db_type(connection) if field.primary_key else field.db_type(connection)}".split("(")[0] + "[]"


@cache
def _defaults(model: type[Model]) -> list[tuple[str, Callable[[], Any]]]:
    return [(field.attname, field.get_default) for field in model._meta.concrete_fields]


def _columns(fields: Sequence[Any]) -> _Columns:
    """Numbers and texts go to the driver as they are, and times where it knows them; the rest through the field."""
    as_it_is = (*_AS_IT_IS, DateTimeField) if connection.vendor == "postgresql" else _AS_IT_IS
    names = [field.attname for field in fields]
    special = [(number, field) for number, field in enumerate(fields) if type(field) not in as_it_is]
    return _Columns(itemgetter(*names) if len(names) > 1 else lambda kept: (kept[names[0]],), special)
