"""One pass over a configuration file: its faults, the line of each, and what every kind of value has in common.

Why a reader of our own on YAML's nodes: they know their lines, and a code such as ``0022`` or ``no`` stays the text
that somebody wrote instead of what YAML makes of it.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from yaml.nodes import Node

from amerce.config_file.errors import Fault
from amerce.money.amount import Currency

NULL = "tag:yaml.org,2002:null"
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


def short(text: object) -> str:
    """``text`` as a sentence quotes it."""
    words = str(text)
    return words if len(words) <= _SHOWN else f"{words[:_SHOWN]}…"
