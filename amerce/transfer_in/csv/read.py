"""Reading CSV files row by row, in bounded memory, refusing what cannot be read."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _

from amerce.inputs.checks import without_unseen
from amerce.transfer_in.csv.mapping import CsvMapping, FileMapping
from amerce.transfer_in.outcome import BadRow, ImportRefused

LINE_LIMIT = 1_000_000
"""Bytes of a line. A file without line ends is no table, and must not fill the memory."""
_WHOLE_ROW = "–"


@dataclass(frozen=True)
class Row:
    """The values of one row by our field names, ``""`` for no value; where it stood, for whoever refuses it.

    Characters that cannot be seen are taken out, since catalogues hold them as marks for sorting; then ``is_cleaned``.
    """

    file: FileMapping
    line: int
    values: dict[str, str]
    identifiers: dict[str, str]
    is_cleaned: bool = False

    def bad(self, field: str, reason: str) -> BadRow:
        """The refusal of what stands in ``field``."""
        column = self.file.columns.get(field) or self.file.identifiers.get(field) or field
        return BadRow(self.file.name, self.line, column, reason)

    def value(self, field: str, limit: int) -> str:
        """The value, if the database can hold it."""
        value = self.values.get(field, "")
        self.check(field, value, limit)
        return value

    def needed(self, field: str, limit: int) -> str:
        """The value, which must be there."""
        value = self.value(field, limit)
        if not value:
            raise self.bad(field, _("there is no value"))
        return value

    def check(self, field: str, value: str, limit: int) -> None:
        if len(value) > limit:
            raise self.bad(
                field, _("%(length)s characters are more than %(limit)s") % {"length": len(value), "limit": limit}
            )

    @property
    def is_empty(self) -> bool:
        return not any(self.values.values()) and not any(self.identifiers.values())


class OpenFile:
    """One CSV file being read. ``position`` and ``size`` in bytes, for progress."""

    def __init__(self, file: FileMapping, path: Path, mapping: CsvMapping) -> None:
        self.file, self.path, self.mapping = file, path, mapping
        self.position = 0
        self.size = 0
        self._line = 0

    def rows(self) -> Iterator[Row]:
        """Every row, also empty ones. Raises ``ImportRefused`` for a file and ``BadRow`` for a row."""
        try:
            with self.path.open("rb") as stream:
                self.size = self.path.stat().st_size
                yield from self._rows(stream)
        except OSError as error:
            reason = error.strerror or str(error)
            raise ImportRefused(
                _("%(path)s cannot be read: %(reason)s.") % {"path": self.path, "reason": reason}
            ) from error

    def _rows(self, stream: BinaryIO) -> Iterator[Row]:
        reader = csv.reader(self._lines(stream), strict=True)
        header = self._next(reader)
        if header is None:
            raise ImportRefused(_("%(file)s is empty: not even column names.") % {"file": self.file.name})
        places = self._places(header)
        while True:
            line = self._line + 1
            cells = self._next(reader)
            if cells is None:
                return
            if cells and len(cells) != len(header):
                reason = _("%(found)s values where the first line names %(wanted)s columns") % {
                    "found": len(cells),
                    "wanted": len(header),
                }
                raise BadRow(self.file.name, line, header[min(len(cells), len(header) - 1)], reason)
            yield self._row(line, cells, places)

    def _row(self, line: int, cells: list[str], places: dict[str, int]) -> Row:
        def at(column: str) -> str:
            value = seen[places[column]].strip() if seen else ""
            return "" if value in self.mapping.none else value

        seen = [without_unseen(each) for each in cells]
        wanted = [places[each] for each in self.file.all_columns] if cells else []
        return Row(
            self.file,
            line,
            {field: at(column) for field, column in self.file.columns.items()},
            {kind: at(column) for kind, column in self.file.identifiers.items()},
            is_cleaned=any(seen[each] != cells[each] for each in wanted),
        )

    def _next(self, reader: "csv.Reader") -> list[str] | None:  # type: ignore[name-defined]
        try:
            row: list[str] | None = next(reader, None)
        except csv.Error as error:
            raise BadRow(self.file.name, self._line, _WHOLE_ROW, str(error)) from error
        return row

    def _lines(self, stream: BinaryIO) -> Iterator[str]:
        while raw := stream.readline(LINE_LIMIT + 1):
            self._line += 1
            self.position += len(raw)
            if len(raw) > LINE_LIMIT:
                raise BadRow(self.file.name, self._line, _WHOLE_ROW, _("the line is too long"))
            try:
                text = raw.decode("utf-8-sig" if self._line == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise BadRow(self.file.name, self._line, _WHOLE_ROW, _("the line is not UTF-8")) from error
            yield text

    def _places(self, header: list[str]) -> dict[str, int]:
        names = [each.strip() for each in header]
        for column in self.file.all_columns:
            if column not in names:
                raise ImportRefused(
                    _("%(file)s has no column “%(column)s”; its first line names %(names)s.")
                    % {"file": self.file.name, "column": column, "names": ", ".join(names)[:300]}
                )
            if names.count(column) > 1:
                raise ImportRefused(
                    _("%(file)s has the column “%(column)s” twice.") % {"file": self.file.name, "column": column}
                )
        return {name: place for place, name in enumerate(names)}
