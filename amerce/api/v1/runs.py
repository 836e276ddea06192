"""Jobs: what there is, what ran, what it had to tell, and starting one."""

from typing import Annotated, Any

from django.http.response import HttpResponseBase
from pydantic import Field

from amerce.api.call import Call, called
from amerce.api.v1.answers import answer, id_of, moment
from amerce.api.v1.interface import api
from amerce.api.v1.schemas import REFUSALS, JobsOut, ReportOut, RunIn, RunOut, RunsOut
from amerce.jobs.enqueue import enqueue
from amerce.jobs.models import JobRun
from amerce.jobs.queries import get_run, report_of, runs_of
from amerce.jobs.registry import jobs

_TAGS = ["Jobs"]
MOST = 500
PageSize = Annotated[int, Field(ge=1, le=MOST)]


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


@api.post("/jobs/{name}/runs", response={200: RunOut, **REFUSALS}, tags=_TAGS, summary="Start a job")
@called("jobs:run")
def start_run(call: Call, name: str, body: RunIn) -> HttpResponseBase:
    """The next free worker takes it."""
    run = enqueue(actor=call.actor, at=call.at, name=name, given=body.params)
    return answer(_run(run))


@api.get("/job-runs", response={200: RunsOut, **REFUSALS}, tags=_TAGS, summary="List runs")
@called("jobs:read")
def list_runs(call: Call, before: str = "", job: str = "", limit: PageSize = 50) -> HttpResponseBase:
    """The newest first; ``before`` is the last that is known."""
    found = runs_of(call.institution.pk)
    if job and "\0" not in job:
        found = found.filter(name=job)
    if before:
        found = found.filter(pk__lt=id_of(before))
    part = list(found[: limit + 1])
    tree = {
        "runs": [_run(each) for each in part[:limit]],
        "next": str(part[limit - 1].pk) if len(part) > limit else None,
    }
    return answer(tree)


@api.get("/job-runs/{run}", response={200: RunOut, **REFUSALS}, tags=_TAGS, summary="Read a run")
@called("jobs:read")
def read_run(call: Call, run: str) -> HttpResponseBase:
    """How far it is, or how it ended."""
    return answer(_run(get_run(call.actor, id_of(run))))


@api.get("/job-runs/{run}/report", response={200: ReportOut, **REFUSALS}, tags=_TAGS, summary="Read a run's report")
@called("jobs:read")
def read_report(call: Call, run: str, after: str = "", limit: PageSize = 100) -> HttpResponseBase:
    """In the order in which it happened; ``after`` is the number of the last line that is known."""
    lines = report_of(get_run(call.actor, id_of(run))).filter(number__gt=min(id_of(after), 2**31 - 1))
    part = list(lines[: limit + 1])
    shown = [
        {"number": each.number, "level": each.level, "code": each.code, "data": each.data, "at": moment(each.at)}
        for each in part[:limit]
    ]
    return answer({"lines": shown, "next": str(part[limit - 1].number) if len(part) > limit else None})


def _run(run: JobRun) -> dict[str, Any]:
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
