"""Jobs: what there is, what ran, what it had to tell, and starting one."""

from typing import Any

from django.http.response import HttpResponseBase

from amerce.api.call import Call, called
from amerce.api.examples import example
from amerce.api.v1.answers import answer, id_of, mark_of, moment, older_than, page_of
from amerce.api.v1.interface import api
from amerce.api.v1.run_schemas import JobsOut, ReportOut, RunIn, RunOut, RunsOut
from amerce.api.v1.schemas import REFUSALS, PageSize
from amerce.jobs.enqueue import enqueue_once
from amerce.jobs.models import JobRun, RunEventRow
from amerce.jobs.queries import get_run, report_of, runs_of
from amerce.jobs.registry import jobs

_TAGS = ["Jobs"]


@api.get("/jobs", response={200: JobsOut, **REFUSALS}, tags=_TAGS, summary="List the jobs there are")
@called("jobs:read")
def list_jobs(call: Call) -> HttpResponseBase:
    """With the parameters that each takes."""
    found = [
        {
            "name": job.name,
            "title": str(job.title),
            "params": {name: str(meaning) for name, meaning in job.params.items()},
            "needed": sorted(job.needed),
        }
        for job in jobs().values()
    ]
    return answer({"jobs": found})


@api.post(
    "/jobs/{name}/runs",
    response={200: RunOut, **REFUSALS},
    tags=_TAGS,
    summary="Start a job",
    openapi_extra=example({"params": {"as_of": "2026-03-02"}}, name="overdue-fines", key="night-2026-03-02"),
)
@called("jobs:run")
def start_run(call: Call, name: str, body: RunIn) -> HttpResponseBase:
    """The next free worker takes it."""
    return answer_queued(call, name, body.params)


def answer_queued(call: Call, name: str, given: dict[str, str]) -> HttpResponseBase:
    """Queue a run, once under the key of the call, and tell of it."""
    queued = enqueue_once(actor=call.actor, at=call.at, name=name, given=given, form_key=call.form_key)
    return answer(run_tree(queued.run), is_replay=queued.replayed)


@api.get("/job-runs", response={200: RunsOut, **REFUSALS}, tags=_TAGS, summary="List runs")
@called("jobs:read")
def list_runs(call: Call, before: str = "", job: str = "", limit: PageSize = 50) -> HttpResponseBase:
    """The newest first; ``before`` is the last that is known."""
    found = runs_of(call.institution.pk)
    if job and "\0" not in job:
        found = found.filter(name=job)
    return page_of("runs", older_than(found, before), limit, run_tree)


@api.get("/job-runs/{run}", response={200: RunOut, **REFUSALS}, tags=_TAGS, summary="Read a run")
@called("jobs:read")
def read_run(call: Call, run: str) -> HttpResponseBase:
    """How far it is, or how it ended."""
    return answer(run_tree(get_run(call.actor, id_of(run))))


@api.get("/job-runs/{run}/report", response={200: ReportOut, **REFUSALS}, tags=_TAGS, summary="Read a run's report")
@called("jobs:read")
def read_report(call: Call, run: str, after: str = "", limit: PageSize = 100) -> HttpResponseBase:
    """In the order in which it happened; ``after`` is the number of the last line that is known."""
    lines = report_of(call.actor, get_run(call.actor, id_of(run))).filter(number__gt=min(mark_of(after), 2**31 - 1))
    return page_of("lines", lines, limit, _line, "number")


def _line(row: RunEventRow) -> dict[str, Any]:
    return {"number": row.number, "level": row.level, "code": row.code, "data": row.data, "at": moment(row.at)}


def run_tree(run: JobRun) -> dict[str, Any]:
    return {
        "id": str(run.pk),
        "job": run.name,
        "subject": run.subject,
        "state": run.state,
        "params": run.params,
        "counts": run.counts,
        "expected": run.expected,
        "error": run.error,
        "queued_at": moment(run.queued_at),
        "started_at": moment(run.started_at),
        "ended_at": moment(run.ended_at),
        "started_by": run.started_by,
    }
