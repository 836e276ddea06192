"""Reading a configuration file into values, or into everything that is wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from django.utils.translation import gettext as _
from yaml.nodes import Node

from amerce.config_file.errors import Fault, FileRefused
from amerce.config_file.part import Part
from amerce.config_file.reading import Faulty, Reading
from amerce.config_file.scalars import Choice
from amerce.config_file.shapes import Field, Row
from amerce.money.amount import Currency

VERSION_NAME, VERSION = "amerce_configuration", "1"
SIZE_LIMIT = 5_000_000
"""Characters."""
_DEPTH_LIMIT = 12


@dataclass(frozen=True)
class FileRead:
    """The value of each part that the file has, and the line of each part and each row."""

    values: dict[str, Any]
    lines: dict[tuple[str, ...], int]


def read_file(text: str, parts: Sequence[Part], currency: Currency) -> FileRead:
    """Read ``text``. A part that is left out is left alone. Raises ``FileRefused`` with every fault."""
    node = _node(text)
    version = Field(Choice([VERSION]), "The version of this format.")
    shape = Row({VERSION_NAME: version} | {each.name: Field(each.shape, each.about, default=None) for each in parts})
    reading = Reading(currency)
    try:
        found = shape.read(node, reading, ())
    except Faulty:
        raise FileRefused(reading.faults) from None
    return FileRead({each.name: found[each.name] for each in parts if found[each.name] is not None}, reading.lines)


def _node(text: str) -> Node:
    if len(text) > SIZE_LIMIT:
        raise _refused(1, _("The file has more than %(limit)s characters.") % {"limit": f"{SIZE_LIMIT:,}"})
    try:
        _refuse_tricks(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        words = {"problem": error.problem or error.context}
        raise _refused(
            _line(error.problem_mark or error.context_mark), _("This is not YAML: %(problem)s.") % words
        ) from None
    except yaml.YAMLError:
        raise _refused(1, _("This is not YAML: it holds a character that cannot stand in text.")) from None
    if node is None:
        raise _refused(1, _("The file is empty."))
    return node


def _refuse_tricks(text: str) -> None:
    """A few lines that stand for millions, or for a tower that no program climbs."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _refused(_line(event.start_mark), _("Write each value where it belongs: & and * are not taken."))
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEPTH_LIMIT:
            words = {"limit": _DEPTH_LIMIT}
            raise _refused(_line(event.start_mark), _("Nothing here is nested more than %(limit)s deep.") % words)


def _line(mark: Any) -> int:
    """From 1, of a mark of YAML's, which may be None."""
    return int(mark.line) + 1 if mark else 1


def _refused(line: int, sentence: str) -> FileRefused:
    return FileRefused([Fault(line, sentence)])
