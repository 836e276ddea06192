"""The ids of an uploaded file, line by line: text, CSV or Excel (row B15).

Why line by line: whoever wrote the file must find again which line named nobody.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator

import openpyxl

from amerce.bulk.errors import FileEmpty, FileTooLarge, FileUnreadable
from amerce.inputs.checks import without_unseen

BYTES_LIMIT = 2 * 1024 * 1024
LINES_LIMIT = 20_000
_UNPACKED_LIMIT = 12 * 1024 * 1024
"""What an Excel file may be once it is unpacked: a few kilobytes can unpack to gigabytes, and one row to a hundred
times its size in memory. ``LINES_LIMIT`` rows of ten columns have less.
"""
_TEXT_LIMIT = 100
_HEADERS = frozenset({"id", "user id", "user_id", "userid", "primary id", "primary_id", "fee id", "fee_id", "feeid"})


def read_lines(content: bytes, name: str) -> list[tuple[int, str]]:
    """Line number and id of every line that is not empty; of a table the first column. A heading is no id.

    Raises ``FileTooLarge``, ``FileUnreadable``, ``FileEmpty``.
    """
    if len(content) > BYTES_LIMIT:
        raise FileTooLarge(BYTES_LIMIT, LINES_LIMIT)
    cells = _excel(content) if name.lower().endswith((".xlsx", ".xlsm")) else _text(content, name)
    found: list[tuple[int, str]] = []
    for number, cell in enumerate(cells, start=1):
        text = without_unseen(cell).strip()[:_TEXT_LIMIT]
        if not text or (not found and text.casefold() in _HEADERS):
            continue
        found.append((number, text))
        if len(found) > LINES_LIMIT:
            raise FileTooLarge(BYTES_LIMIT, LINES_LIMIT)
    if not found:
        raise FileEmpty
    return found


def _text(content: bytes, name: str) -> Iterable[str]:
    if b"\0" in content:
        raise FileUnreadable
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if not name.lower().endswith(".csv"):
        return text.splitlines()
    return _csv(text)


def _csv(text: str) -> Iterator[str]:
    """The first column. Comma, semicolon and tab all end it: spreadsheets write one or the other."""
    for line in text.splitlines():
        delimiter = next((each for each in line if each in ",;\t"), ",")
        try:
            yield next(iter(next(csv.reader([line], delimiter=delimiter), [])), "")
        except csv.Error as error:  # a cell that is longer than any, or one that csv has no name for
            raise FileUnreadable from error


def _excel(content: bytes) -> Iterator[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(each.file_size for each in packed.infolist()) > _UNPACKED_LIMIT:
                raise FileTooLarge(BYTES_LIMIT, LINES_LIMIT)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            for row in sheet.iter_rows(max_col=1, max_row=2 * LINES_LIMIT, values_only=True):
                yield _cell(row[0] if row else None)
        finally:
            book.close()
    except FileTooLarge:
        raise
    except Exception as error:  # openpyxl raises whatever its parsers do
        raise FileUnreadable from error


def _cell(value: object) -> str:
    """As it reads in the sheet: Excel keeps an id of digits alone as a number."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
