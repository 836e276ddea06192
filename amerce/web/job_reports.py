"""The report of a run as a file: CSV for a spreadsheet, JSON for a program.

Why streamed: a bulk run tells of every fee, and nobody's memory should hold all of them.
"""

import json
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils.translation import get_language, override
from django.views.decorators.http import require_safe

from amerce.institutions.models import Institution
from amerce.jobs.models import JobRun, RunEventRow
from amerce.jobs.queries import get_run, report_of
from amerce.web.csv_download import csv_download
from amerce.web.job_page import job_page
from amerce.web.job_wording import title_of
from amerce.web.request import StaffRequest
from amerce.web.run_event_wording import sentence_of

HEAD = ("number", "at", "level", "code", "what")
_CHUNK = 2000


@require_safe
@job_page
def job_run_csv(request: StaffRequest, run_id: int) -> StreamingHttpResponse:
    """A line for each event, in order; what its data hold are columns of their own."""
    run = get_run(request.actor, run_id)
    keys: dict[str, None] = {}
    told = report_of(request.actor, run)
    for data in told.values_list("data", flat=True).iterator(_CHUNK):
        keys.update(dict.fromkeys(data))
    return csv_download(f"{run.name}-{run.pk}.csv", [*HEAD, *keys], _rows(told, request.institution, list(keys)))


@require_safe
@job_page
def job_run_json(request: StaffRequest, run_id: int) -> StreamingHttpResponse:
    """The run with its parameters, counts and events."""
    run = get_run(request.actor, run_id)
    told = report_of(request.actor, run)
    parts = _in_language(_json(run, told, request.institution), get_language())
    response = StreamingHttpResponse(parts, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{run.name}-{run.pk}.json"'
    return response


def _in_language(parts: Iterator[str], language: str | None) -> Iterator[str]:
    """The parts are made after the request, and with it its language, is over."""
    while True:
        with override(language):
            part = next(parts, None)
        if part is None:
            return
        yield part


def _rows(told: QuerySet[RunEventRow], institution: Institution, keys: list[str]) -> Iterator[list[Any]]:
    for each in told.iterator(_CHUNK):
        said = (each.number, each.at.astimezone(institution.zone).isoformat(), each.level, each.code)
        what = sentence_of(each.code, each.data, institution)
        yield [*said, what, *(_cell(each.data.get(key, "")) for key in keys)]


def _json(run: JobRun, told: QuerySet[RunEventRow], institution: Institution) -> Iterator[str]:
    about = {
        "run": str(run.pk),
        "job": run.name,
        "title": title_of(run.name, run),
        "state": run.state,
        "error": run.error,
        "started_by": run.started_by,
        "queued_at": _iso(run.queued_at),
        "started_at": _iso(run.started_at),
        "ended_at": _iso(run.ended_at),
        "params": run.params,
        "counts": run.counts,
    }
    yield json.dumps(about, ensure_ascii=False)[:-1] + ', "events": ['
    comma = ""
    for each in told.iterator(_CHUNK):
        said = {"number": each.number, "at": _iso(each.at), "level": each.level, "code": each.code}
        said |= {"what": sentence_of(each.code, each.data, institution), "data": each.data}
        yield comma + json.dumps(said, ensure_ascii=False)
        comma = ",\n"
    yield "]}\n"


def _iso(at: Any) -> str | None:
    return at.isoformat() if at else None


def _cell(value: Any) -> Any:
    """A list or a mapping as JSON."""
    return value if isinstance(value, str | int | float) else json.dumps(value, ensure_ascii=False)
