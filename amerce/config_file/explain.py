"""What may stand in a configuration file, as a page in Markdown."""

import json
from collections.abc import Iterator, Mapping, Sequence

from amerce.config_file.part import Part, TablePart
from amerce.config_file.reading import Shape
from amerce.config_file.shapes import REQUIRED, Field, ListOf, Row
from amerce.money.amount import Currency

_NO_CURRENCY = Currency("USD", 2)
"""Defaults are written with two decimals; a file has as many as its currency."""


def explain(parts: Sequence[Part]) -> str:
    """A chapter for each part with its fields: what may be written, what holds when it is left out, what it means."""
    return "".join(line + "\n" for part in parts for line in _chapter(part))


def _chapter(part: Part) -> Iterator[str]:
    yield f"## {part.name}"
    yield ""
    kind = "A list of rows." if isinstance(part, TablePart) else "One mapping."
    yield f"{part.about} {kind}"
    yield ""
    row = part.shape if isinstance(part.shape, Row) else part.shape.row
    yield "| field | what | left out | means |"
    yield "|---|---|---|---|"
    yield from _lines(row.fields, "")
    yield ""


def _lines(fields: Mapping[str, Field], above: str) -> Iterator[str]:
    for name, field in fields.items():
        yield f"| {above}{name} | {field.shape.describe()} | {_default(field)} | {field.about} |"
        within = _row_within(field.shape)
        if within:
            yield from _lines(within.fields, f"{above}{name}.")


def _row_within(shape: Shape) -> Row | None:
    shape = shape.shape if isinstance(shape, ListOf) else shape
    return shape if isinstance(shape, Row) else None


def _default(field: Field) -> str:
    if field.default is REQUIRED:
        return "needed"
    written = field.shape.write(field.default, _NO_CURRENCY)
    if written in ([], {}):
        return "none"
    return str(written) if isinstance(written, str) else json.dumps(written)
