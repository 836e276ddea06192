"""The values of a configuration file that hold others: what may stand in a row, a list, a table.

Why every node is read although one is refused: whoever wrote the file is told all of its faults at once.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from amerce.config_file.reading import NULL, Faulty, Reading, Shape, line_of, short
from amerce.money.amount import Currency

REQUIRED: Any = object()
"""The default of a field that has to be there."""


@dataclass(frozen=True)
class Maybe(Shape):
    """``shape``, or null for None."""

    shape: Shape

    def read(self, node: Node, reading: Reading, path: tuple[str, ...]) -> Any:
        if isinstance(node, ScalarNode) and node.tag == NULL:
            return None
        return self.shape.read(node, reading, path)

    def write(self, value: Any, currency: Currency) -> Any:
        return None if value is None else self.shape.write(value, currency)

    def describe(self) -> str:
        return _("%(shape)s, or null") % {"shape": self.shape.describe()}


@dataclass(frozen=True)
class ListOf(Shape):
    """Values of one shape, in an order that counts."""

    shape: Shape
    limit: int = 10_000

    def read(self, node: Node, reading: Reading, path: tuple[str, ...]) -> list[Any]:
        if not isinstance(node, SequenceNode) or len(node.value) > self.limit:
            raise reading.refuse(node, path, _("%(name)s has to be %(shape)s."), shape=self.describe())
        return _all(lambda each: self.shape.read(each, reading, path), node.value)

    def write(self, value: Any, currency: Currency) -> list[Any]:
        return [self.shape.write(each, currency) for each in value]

    def describe(self) -> str:
        return _("a list of %(shape)s") % {"shape": self.shape.describe()}


@dataclass(frozen=True)
class MapOf(Shape):
    """Names to values of one shape; ``names`` are all there may be."""

    names: Collection[str]
    shape: Shape

    def read(self, node: Node, reading: Reading, path: tuple[str, ...]) -> dict[str, Any]:
        def one(pair: tuple[Node, Node]) -> tuple[str, Any]:
            name = _known(pair[0], self.names, reading, path)
            return name, self.shape.read(pair[1], reading, (*path, name))

        return dict(_all(one, _pairs(node, reading, path)))

    def write(self, value: Any, currency: Currency) -> dict[str, Any]:
        return {name: self.shape.write(value[name], currency) for name in self.names if name in value}

    def describe(self) -> str:
        return _("a mapping to %(shape)s") % {"shape": self.shape.describe()}


@dataclass(frozen=True)
class Field:
    """A value of a row under its name. ``about`` is a sentence for the documents."""

    shape: Shape
    about: str
    default: Any = REQUIRED


@dataclass(frozen=True)
class Row(Shape):
    """Fields by name."""

    fields: Mapping[str, Field]

    def read(self, node: Node, reading: Reading, path: tuple[str, ...]) -> dict[str, Any]:
        def one(pair: tuple[Node, Node]) -> tuple[str, Any]:
            name = _known(pair[0], self.fields, reading, path)
            if not path:
                reading.lines[(name,)] = line_of(pair[0])
            return name, self.fields[name].shape.read(pair[1], reading, (*path, name))

        found = dict(_all(one, _pairs(node, reading, path)))
        missing = [name for name, each in self.fields.items() if name not in found and each.default is REQUIRED]
        if missing:
            raise reading.refuse(node, path, _("%(name)s needs %(missing)s."), missing=", ".join(missing))
        return {name: found.get(name, each.default) for name, each in self.fields.items()}

    def write(self, value: Any, currency: Currency) -> dict[str, Any]:
        return {name: each.shape.write(value[name], currency) for name, each in self.fields.items()}

    def describe(self) -> str:
        return _("a mapping")


@dataclass(frozen=True)
class Table(Shape):
    """Rows that are known by the fields ``key``, in an order that counts. Nothing of them may be there twice."""

    key: tuple[str, ...]
    row: Row

    def key_of(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple("" if row[name] is None else str(row[name]) for name in self.key)

    def read(self, node: Node, reading: Reading, path: tuple[str, ...]) -> list[dict[str, Any]]:
        if not isinstance(node, SequenceNode):
            raise reading.refuse(node, path, _("%(name)s has to be %(shape)s."), shape=self.describe())
        seen: set[tuple[str, ...]] = set()

        def one(each: Node) -> dict[str, Any]:
            row = self.row.read(each, reading, path)
            key = self.key_of(row)
            if key in seen:
                raise reading.refuse(each, path, _("%(name)s has “%(key)s” twice."), key=", ".join(key))
            seen.add(key)
            reading.lines[(*path, *key)] = line_of(each)
            return row

        return _all(one, node.value)

    def write(self, value: Any, currency: Currency) -> list[Any]:
        return [self.row.write(each, currency) for each in value]

    def describe(self) -> str:
        return _("a list of rows")


def _all(read: Any, nodes: Any) -> list[Any]:
    """Every node read, so that all faults are noted, not only the first."""
    found, is_faulty = [], False
    for each in nodes:
        try:
            found.append(read(each))
        except Faulty:
            is_faulty = True
    if is_faulty:
        raise Faulty
    return found


def _pairs(node: Node, reading: Reading, path: tuple[str, ...]) -> list[tuple[Node, Node]]:
    if not isinstance(node, MappingNode):
        raise reading.refuse(node, path, _("%(name)s has to be a mapping of names to values."))
    names = [str(name.value) for name, _value in node.value]
    for (name, _value), text in zip(node.value, names, strict=True):
        if names.count(text) > 1:
            raise reading.refuse(name, path, _("%(name)s has “%(twice)s” twice."), twice=short(text))
    return list(node.value)


def _known(node: Node, names: Collection[str], reading: Reading, path: tuple[str, ...]) -> str:
    name = str(node.value)
    if name in names:
        return name
    near = get_close_matches(name, names, n=1)
    words = {"unknown": short(name), "near": "".join(near), "names": ", ".join(names)}
    if near:
        raise reading.refuse(node, path, _("%(name)s knows no “%(unknown)s”. Did you mean “%(near)s”?"), **words)
    raise reading.refuse(node, path, _("%(name)s knows no “%(unknown)s”. There are: %(names)s."), **words)
