"""Exports to the bursar: what there is, starting one, its file, and what a clerk does to it."""

from functools import partial
from typing import Any

from django.http import FileResponse
from django.http.response import HttpResponseBase

from amerce.api.call import Call, called
from amerce.api.examples import EXPORT, example
from amerce.api.v1.answers import answer, id_of, mark_of, moment, money, older_than, page_of
from amerce.api.v1.bursar_schemas import BursarLinesOut, BursarProfilesOut, BursarRunOut, BursarRunsOut
from amerce.api.v1.interface import api
from amerce.api.v1.run_schemas import RunOut
from amerce.api.v1.runs import answer_queued, run_tree
from amerce.api.v1.schemas import REFUSALS, PageSize
from amerce.bursar.export_job import NAME
from amerce.bursar.models import BursarLine
from amerce.bursar.profiles import profiles_of
from amerce.bursar.reconciliation import Reconciled, get_run, lines_of, reconciled, runs_of
from amerce.bursar.run_commands import acknowledge, begin_undo, fetch_file

_TAGS = ["Bursar"]
_FILE = {
    "responses": {200: {"description": "The file", "content": {"application/xml": {"schema": {"type": "string"}}}}}
}


@api.get(
    "/bursar-profiles", response={200: BursarProfilesOut, **REFUSALS}, tags=_TAGS, summary="List the bursar profiles"
)
@called("bursar:read")
def list_profiles(call: Call) -> HttpResponseBase:
    """By name."""
    return answer({"profiles": [{"code": each.code, "name": each.name} for each in profiles_of(call.actor)]})


@api.post(
    "/bursar-profiles/{code}/runs",
    response={200: RunOut, **REFUSALS},
    tags=_TAGS,
    summary="Export to the bursar",
    openapi_extra=example(code="SIS", key="term-2026-1"),
)
@called("bursar:run")
def start_export(call: Call, code: str) -> HttpResponseBase:
    """Queues the job that exports; the next free worker takes it."""
    return answer_queued(call, NAME, {"profile": code})


@api.get("/bursar-runs", response={200: BursarRunsOut, **REFUSALS}, tags=_TAGS, summary="List the exports")
@called("bursar:read")
def list_exports(call: Call, before: str = "", profile: str = "", limit: PageSize = 50) -> HttpResponseBase:
    """The newest first; ``before`` is the last that is known, ``profile`` the code of one."""
    runs = older_than(runs_of(call.actor), before)
    if profile and "\0" not in profile:
        runs = runs.filter(profile__code=profile)
    part = list(runs[: limit + 1])
    following = str(part[limit - 1].pk) if len(part) > limit else None
    return answer(
        {"bursar_runs": [_tree(call, each) for each in reconciled(call.actor, part[:limit])], "next": following}
    )


@api.get("/bursar-runs/{run}", response={200: BursarRunOut, **REFUSALS}, tags=_TAGS, summary="Read an export")
@called("bursar:read")
def read_export(call: Call, run: str) -> HttpResponseBase:
    """How far it is, and what the ledger and the files of payments say of it."""
    return _answer(call, id_of(run))


@api.get(
    "/bursar-runs/{run}/lines",
    response={200: BursarLinesOut, **REFUSALS},
    tags=_TAGS,
    summary="List the fees of an export",
)
@called("bursar:read")
def list_lines(call: Call, run: str, after: str = "", limit: PageSize = 100) -> HttpResponseBase:
    """Also those that dropped out, and why; ``after`` is the last that is known."""
    rows = lines_of(call.actor, get_run(call.actor, id_of(run))).filter(pk__gt=mark_of(after))
    return page_of("lines", rows, limit, partial(_line, call))


@api.post(
    "/bursar-runs/{run}/file",
    response=REFUSALS,
    tags=_TAGS,
    summary="Fetch the file of an export",
    openapi_extra={**_FILE, **example(run=EXPORT)},
)
@called("bursar:run")
def fetch(call: Call, run: str) -> HttpResponseBase:
    """The same bytes each time. Of a profile that only downloads, the first time delivers it."""
    path = fetch_file(actor=call.actor, at=call.at, run_id=id_of(run))
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name, content_type="application/xml")


@api.put(
    "/bursar-runs/{run}/acknowledgement",
    response={200: BursarRunOut, **REFUSALS},
    tags=_TAGS,
    summary="Say that the bursar took the file",
    openapi_extra=example(run=EXPORT),
)
@called("bursar:run")
def put_acknowledgement(call: Call, run: str) -> HttpResponseBase:
    """Once its delivery has begun. Said again, nothing changes."""
    acknowledge(actor=call.actor, at=call.at, run_id=id_of(run))
    return _answer(call, id_of(run))


@api.post(
    "/bursar-runs/{run}/undo",
    response={200: RunOut, **REFUSALS},
    tags=_TAGS,
    summary="Take an export back",
    openapi_extra=example(run=EXPORT, key="term-2026-1-undo"),
)
@called("bursar:run")
def undo(call: Call, run: str) -> HttpResponseBase:
    """While the bursar cannot have the file. Every fee of it is owed here again when the queued run has ended."""
    queued = begin_undo(actor=call.actor, at=call.at, run_id=id_of(run), form_key=call.form_key)
    return answer(run_tree(queued.run), is_replay=queued.replayed)


def _answer(call: Call, run_id: int) -> HttpResponseBase:
    (found,) = reconciled(call.actor, [get_run(call.actor, run_id)])
    return answer(_tree(call, found))


def _tree(call: Call, found: Reconciled) -> dict[str, Any]:
    run = found.run
    return {
        "id": str(run.pk),
        "number": run.number,
        "profile": run.profile.code,
        "state": run.state,
        "started_at": moment(run.started_at),
        "started_by": run.started_by,
        "selected": money(call, run.selected_minor),
        "selected_fees": run.selected_count,
        "dropped_fees": run.dropped_count,
        "file": run.file_name,
        "file_fees": run.file_count,
        "file_amount": money(call, run.file_minor),
        "file_sha256": run.file_sha256,
        "made_at": moment(run.made_at),
        "delivered_at": moment(run.delivered_at),
        "acknowledged_at": moment(run.acknowledged_at),
        "undone_at": moment(run.undone_at),
        "ledger_amount": money(call, found.ledger_minor),
        "difference": money(call, found.difference_minor),
        "paid": money(call, found.paid_minor),
        "outstanding": money(call, found.outstanding_minor),
    }


def _line(call: Call, row: BursarLine) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "patron": row.patron.primary_id,
        "fee": str(row.fee_id),
        "type": row.fee.type.code,
        "state": row.state,
        "reason": row.reason,
        "selected": money(call, row.selected_minor),
        "exported": money(call, row.posted_minor),
        "paid": money(call, row.paid_minor),  # type: ignore[attr-defined]  # the query's own
    }
