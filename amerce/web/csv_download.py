"""A table as a CSV file that goes out line by line, so that none of it is long in memory."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone, translation

from amerce.inputs.formulas import no_formula


class _Echo:
    """What ``csv`` writes to: it gives each line back."""

    def write(self, line: str) -> str:
        return line


def csv_download(name: str, header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """``rows`` below ``header``, in UTF-8 with the mark by which spreadsheets know it.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    response = StreamingHttpResponse(
        _lines(header, rows, translation.get_language(), timezone.get_current_timezone()),
        content_type="text/csv; charset=utf-8",
    )
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _lines(header: Sequence[Any], rows: Iterable[Sequence[Any]], language: str | None, zone: Any) -> Iterator[str]:
    """In the language and zone of the page: they are no more those of the thread when the lines are read."""
    writer = csv.writer(_Echo())
    with translation.override(language), timezone.override(zone):
        yield "\ufeff" + str(writer.writerow([str(each) for each in header]))
        for row in rows:
            yield str(writer.writerow([no_formula(each) for each in row]))
