"""What may stand in a configuration file, and how each value is read, written and described.

Why a reader of our own on YAML's nodes: they know their lines, and a code such as ``0022`` or ``no`` stays the text
that somebody wrote instead of what YAML makes of it.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from amerce.config_file.errors import Fault
from amerce.inputs.checks import can_be_stored
from amerce.money.amount import AmountError, AmountNotPositive, Currency, parse_amount
from amerce.money.format import format_plain
from amerce.money.percent import format_percent, parse_percent_bp

REQUIRED: Any = object()
"""The default of a field that has to be there."""
_NULL = "tag:yaml.org,2002:null"
_SHOWN = 60
"""Characters of what somebody wrote, in a sentence about it."""


class Faulty(Exception):
    """The value of a node was refused; the fault is noted already."""


@dataclass
class Reading:
    """One pass over a file: the currency of its amounts, the faults so far, and the line of each row that was read."""

    currency: Currency
    faults: list[Fault] = field(default_factory=list)
    lines: dict[tuple[str, ...], int] = field(default_factory=dict)

    def refuse(self, node: Node, path: tuple[str, ...], sentence: str, **words: object) -> Faulty:
        """Note the fault that ``sentence`` says; ``%(name)s`` in it is where ``path`` leads."""
        self.faults.append(Fault(line_of(node), sentence % {"name": ".".join(path) or _("The file"), **words}))
        return Faulty()


def line_of(node: Node) -> int:
    return int(node.start_mark.line) + 1


class Bare(str):
    """Text that stands in the file without quotes though YAML has a kind of its own for it: 12.50, 2026-12-24."""


class Shape(ABC):
    """A kind of value."""

    @abstractmethod
    def read(self, node: Node, reading: Reading, path: tuple[str, ...]) -> Any:
        """The value of ``node``. Notes every fault in ``reading`` and raises ``Faulty`` if there is one."""

    @abstractmethod
    def write(self, value: Any, currency: Currency) -> Any:
        """``value`` as YAML's own kinds: text, number, flag, list, mapping, nothing."""

    @abstractmethod
    def describe(self) -> str:
        """What may be written, in a few words."""


class Scalar(Shape):
    """A value on one line."""

    is_text = False

    def read(self, node: Node, reading: Reading, path: tuple[str, ...]) -> Any:
        if not isinstance(node, ScalarNode) or (node.tag == _NULL and not self.is_text):
            raise reading.refuse(node, path, _("%(name)s has to be %(shape)s."), shape=self.describe())
        value = self.parse("" if node.tag == _NULL else str(node.value), reading.currency)
        if value is None:
            words = {"shape": self.describe(), "value": _short(node.value)}
            raise reading.refuse(node, path, _("%(name)s has to be %(shape)s, not “%(value)s”."), **words)
        return value

    @abstractmethod
    def parse(self, text: str, currency: Currency) -> Any:
        """None for what is refused."""

    def write(self, value: Any, currency: Currency) -> Any:
        return value


@dataclass(frozen=True)
class Text(Scalar):
    """Text of at most ``limit`` characters."""

    limit: int = 200
    is_text = True

    def parse(self, text: str, currency: Currency) -> str | None:
        return text if len(text) <= self.limit and can_be_stored(text) else None

    def describe(self) -> str:
        return _("text of at most %(limit)s characters") % {"limit": self.limit}


@dataclass(frozen=True)
class Flag(Scalar):
    def parse(self, text: str, currency: Currency) -> bool | None:
        return {"true": True, "false": False}.get(text.lower())

    def describe(self) -> str:
        return _("true or false")


@dataclass(frozen=True)
class Number(Scalar):
    """A whole number."""

    low: int = 0
    high: int = 2**62

    def parse(self, text: str, currency: Currency) -> int | None:
        if not text.isascii() or not text.isdigit() or len(text) > len(str(self.high)):
            return None
        return int(text) if self.low <= int(text) <= self.high else None

    def describe(self) -> str:
        return _("a whole number from %(low)s to %(high)s") % {"low": self.low, "high": self.high}


@dataclass(frozen=True)
class Amount(Scalar):
    """An amount of zero or more, in the file with a point, in minor units here."""

    def parse(self, text: str, currency: Currency) -> int | None:
        try:
            return parse_amount(text, currency, ceiling_minor=2**62)
        except AmountNotPositive:
            return 0
        except AmountError:
            return None

    def write(self, value: Any, currency: Currency) -> Bare:
        return Bare(format_plain(value, currency))

    def describe(self) -> str:
        return _("an amount such as 12.50")


@dataclass(frozen=True)
class Percent(Scalar):
    """A percentage from 0 to 100, in hundredths of a percent here."""

    def parse(self, text: str, currency: Currency) -> int | None:
        try:
            return parse_percent_bp(text)
        except AmountError:
            return None

    def write(self, value: Any, currency: Currency) -> Bare:
        return Bare(format_percent(value))

    def describe(self) -> str:
        return _("a percentage from 0 to 100 such as 87.5")


@dataclass(frozen=True)
class Choice(Scalar):
    options: Collection[str]

    def parse(self, text: str, currency: Currency) -> str | None:
        return text if text in self.options else None

    def describe(self) -> str:
        return _("one of %(options)s") % {"options": ", ".join(map(str, self.options))}


@dataclass(frozen=True)
class Day(Scalar):
    def parse(self, text: str, currency: Currency) -> date | None:
        try:
            return date.fromisoformat(text)
        except ValueError:
            return None

    def write(self, value: Any, currency: Currency) -> Bare:
        return Bare(value.isoformat())

    def describe(self) -> str:
        return _("a day such as 2026-12-24")


@dataclass(frozen=True)
class Span(Scalar):
    """From one time of the day to a later one; ``24:00`` is the end of the day."""

    def parse(self, text: str, currency: Currency) -> tuple[time, time] | None:
        opens, dash, closes = text.partition("-")
        try:
            ends = time(0) if closes.strip() == "24:00" else time.fromisoformat(closes.strip())
            return (time.fromisoformat(opens.strip()), ends) if dash else None
        except ValueError:
            return None

    def write(self, value: Any, currency: Currency) -> str:
        opens, closes = value
        return f"{opens:%H:%M}-{'24:00' if closes == time(0) else f'{closes:%H:%M}'}"

    def describe(self) -> str:
        return _("times such as 09:00-17:30")


@dataclass(frozen=True)
class Maybe(Shape):
    """``shape``, or null for None."""

    shape: Shape

    def read(self, node: Node, reading: Reading, path: tuple[str, ...]) -> Any:
        if isinstance(node, ScalarNode) and node.tag == _NULL:
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
            raise reading.refuse(name, path, _("%(name)s has “%(twice)s” twice."), twice=_short(text))
    return list(node.value)


def _known(node: Node, names: Collection[str], reading: Reading, path: tuple[str, ...]) -> str:
    name = str(node.value)
    if name in names:
        return name
    near = get_close_matches(name, names, n=1)
    words = {"unknown": _short(name), "near": "".join(near), "names": ", ".join(names)}
    if near:
        raise reading.refuse(node, path, _("%(name)s knows no “%(unknown)s”. Did you mean “%(near)s”?"), **words)
    raise reading.refuse(node, path, _("%(name)s knows no “%(unknown)s”. There are: %(names)s."), **words)


def _short(text: object) -> str:
    words = str(text)
    return words if len(words) <= _SHOWN else f"{words[:_SHOWN]}…"
