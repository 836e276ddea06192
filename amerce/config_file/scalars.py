"""The values of a configuration file that stand on one line: how each is read, written and described."""

from abc import abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django.utils.translation import gettext as _
from yaml.nodes import Node, ScalarNode

from amerce.config_file.reading import NULL, Reading, Shape, short
from amerce.inputs.checks import can_be_stored
from amerce.money.amount import AmountError, AmountNotPositive, Currency, parse_amount
from amerce.money.format import format_plain
from amerce.money.percent import format_percent, parse_percent_bp


class Bare(str):
    """Text that stands in the file without quotes though YAML has a kind of its own for it: 12.50, 2026-12-24."""


class Scalar(Shape):
    """A value on one line."""

    is_text = False

    def read(self, node: Node, reading: Reading, path: tuple[str, ...]) -> Any:
        if not isinstance(node, ScalarNode) or (node.tag == NULL and not self.is_text):
            raise reading.refuse(node, path, _("%(name)s has to be %(shape)s."), shape=self.describe())
        value = self.parse("" if node.tag == NULL else str(node.value), reading.currency)
        if value is None:
            words = {"shape": self.describe(), "value": short(node.value)}
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
