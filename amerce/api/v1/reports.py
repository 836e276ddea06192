"""Reports: what was charged, paid, waived and moved otherwise on some days, in pages or as a file; and of a run."""

from datetime import date, timedelta
from functools import partial
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from ninja import Query, Schema
from pydantic import Field

from amerce.api.call import Call, called
from amerce.api.json_form import to_json
from amerce.api.v1.account_schemas import TransferOut, TransfersOut
from amerce.api.v1.accounts import transfer_tree
from amerce.api.v1.answers import id_of, mark_of, moment, page_of
from amerce.api.v1.csv_file import AS_CSV, csv_file, in_slices
from amerce.api.v1.interface import api
from amerce.api.v1.problems import Problem
from amerce.api.v1.schemas import REFUSALS, Day, PageSize
from amerce.charges.queries import transfers_after
from amerce.inputs.errors import ChoiceUnknown
from amerce.institutions.days import begin_of_day, local_day
from amerce.institutions.queries import libraries
from amerce.jobs.models import RunEventRow
from amerce.jobs.queries import get_run, report_of

_TAGS = ["Reports"]
_LINE = ("number", "at", "level", "code")


class Asked(Schema):
    """Which transactions: of the days from ``since`` to ``until``, both of them, today where they are left out."""

    since: Day | None = Field(None, examples=["2026-03-01"])
    until: Day | None = Field(None, examples=["2026-03-31"])
    kind: str = Field("", description="PAYMENT, WAIVE or another kind of transaction")
    method: str = Field("", description="the code of a payment method")
    library: str = Field("", description="the code of the library at which it was done")
    owner: str = Field("", description="the code of the library that owns the fee")


@api.get(
    "/reports/fee-transactions",
    response={200: TransfersOut, **REFUSALS},
    tags=_TAGS,
    summary="Report the transactions of some days",
)
@called("reports:read")
def fee_transactions(
    call: Call, asked: Annotated[Asked, Query()], after: str = "", limit: PageSize = 100
) -> HttpResponseBase:
    """By id; ``after`` is the last that is known. A key of one library gets those of its fees."""
    return page_of("transfers", _transfers(call, asked, mark_of(after)), limit, partial(transfer_tree, call))


@api.get(
    "/reports/fee-transactions.csv",
    response=REFUSALS,
    tags=_TAGS,
    summary="Download the transactions of some days",
    openapi_extra=AS_CSV,
)
@called("reports:read")
def fee_transactions_csv(call: Call, asked: Annotated[Asked, Query()]) -> HttpResponseBase:
    """All of them, a line each, under the names that the report in pages has."""
    first, last = _days(call, asked)
    head = list(TransferOut.model_fields)
    trees = (transfer_tree(call, each) for each in in_slices(_transfers(call, asked, 0)))
    return csv_file(f"fee-transactions-{first}-{last}.csv", head, ([tree[each] for each in head] for tree in trees))


@api.get(
    "/job-runs/{run}/report.csv",
    response=REFUSALS,
    tags=["Jobs"],
    summary="Download a run's report",
    openapi_extra=AS_CSV,
)
@called("jobs:read")
def run_report_csv(call: Call, run: str) -> HttpResponseBase:
    """A line for each thing it had to tell; what its data hold are columns of their own."""
    found = get_run(call.actor, id_of(run))
    lines = report_of(call.actor, found)
    keys: dict[str, None] = {}
    for each in in_slices(lines, "number"):
        keys.update(dict.fromkeys(each.data))
    rows = (_cells(each, list(keys)) for each in in_slices(lines, "number"))
    return csv_file(f"{found.name}-{found.pk}.csv", [*_LINE, *keys], rows)


def _transfers(call: Call, asked: Asked, after_id: int) -> QuerySet[Any]:
    first, last = _days(call, asked)
    zone = call.institution.zone
    since, until = begin_of_day(first, zone), begin_of_day(last + timedelta(days=1), zone)
    rows = transfers_after(call.actor, after_id).filter(at__gte=since, at__lt=until)
    for column, code in (("kind", asked.kind), ("method", asked.method)):
        if code:
            rows = rows.filter(**{column: code}) if code.isprintable() else rows.none()
    for column, code in (("library", asked.library), ("fee__owner", asked.owner)):
        if code:
            rows = rows.filter(**{column: _library_id(call, column, code)})
    return rows


def _days(call: Call, asked: Asked) -> tuple[date, date]:
    today = local_day(call.at, call.institution.zone)
    first = asked.since or asked.until or today
    last = asked.until or max(first, today)
    if last < first:
        raise Problem(422, "days_reversed", "The last day is before the first.")
    return first, last


def _library_id(call: Call, column: str, code: str) -> int:
    found = next((each.pk for each in libraries(call.institution.pk) if each.code == code), None)
    if found is None:
        raise ChoiceUnknown("owner" if column == "fee__owner" else column)
    return found


def _cells(row: RunEventRow, keys: list[str]) -> list[Any]:
    said = [row.number, moment(row.at), row.level, row.code]
    return said + [_cell(row.data.get(each)) for each in keys]


def _cell(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int) else to_json(value)
