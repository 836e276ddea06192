"""A table as a CSV file for programs: in UTF-8, sent while it is read, so that none of it is long in memory."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from django.http import StreamingHttpResponse

from amerce.inputs.formulas import no_formula

SLICE = 1000
_TYPE = "text/csv; charset=utf-8"
AS_CSV = {"responses": {200: {"description": "The file", "content": {_TYPE: {"schema": {"type": "string"}}}}}}
"""How a document says that a call answers such a file."""


def csv_file(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    response = StreamingHttpResponse(_lines(head, rows), content_type=_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def in_slices(rows: Any, key: str = "pk") -> Iterator[Any]:
    """All of ``rows``, which are ordered by ``key``, by a query for each slice: none is held open for a slow reader."""
    after = 0
    while part := list(rows.filter(**{f"{key}__gt": after})[:SLICE]):
        yield from part
        after = getattr(part[-1], key)


def _lines(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    line = io.StringIO()
    writer = csv.writer(line)
    for row in chain([head], rows):
        writer.writerow([no_formula(each) for each in row])
        yield line.getvalue()
        line.seek(0)
        line.truncate()
