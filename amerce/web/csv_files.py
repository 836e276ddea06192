"""Lists as CSV files that are made while they are downloaded.

Why texts are marked: a spreadsheet takes a cell that begins with ``=`` for a formula, and a name may begin so.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BOM = "\ufeff"
"""By it a spreadsheet knows that the file is UTF-8."""


class _Line:
    """What a writer writes to, when every line goes out as it comes."""

    def write(self, text: str) -> str:
        return text


def csv_lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of the file, one for each row."""
    writer = csv.writer(_Line())
    yield _BOM
    for row in rows:
        yield str(writer.writerow([_harmless(each) for each in row]))


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
