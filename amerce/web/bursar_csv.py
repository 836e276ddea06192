"""The reconciliation, an export and a file of payments for a spreadsheet: what the pages show, all of it."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.http import StreamingHttpResponse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from amerce.bursar.finding import runs_asked, unmatched_by_run
from amerce.bursar.models import BursarRun
from amerce.bursar.profiles import get_profile
from amerce.bursar.reconciliation import Reconciled, get_import, get_run, lines_of, payments_of, reconciled
from amerce.institutions.models import Institution
from amerce.money.format import format_plain
from amerce.web.bursar_asked import Asked
from amerce.web.bursar_lines import CHECK_HEAD, FILE_HEAD, OF_RUN, RUN_HEAD, choices_of, file_rows, narrowed, run_rows
from amerce.web.bursar_page import bursar_page
from amerce.web.csv_download import csv_download
from amerce.web.log_page import number_asked
from amerce.web.request import StaffRequest

RUNS_HEAD = (
    gettext_lazy("Export"),
    gettext_lazy("Profile"),
    gettext_lazy("State"),
    gettext_lazy("Began"),
    gettext_lazy("Started by"),
    gettext_lazy("Selected fees"),
    gettext_lazy("Selected"),
    gettext_lazy("File"),
    gettext_lazy("Fees in the file"),
    gettext_lazy("Sum of the file"),
    gettext_lazy("Fees in the ledger"),
    gettext_lazy("Sum in the ledger"),
    gettext_lazy("Difference"),
    gettext_lazy("Delivered"),
    gettext_lazy("Acknowledged"),
    gettext_lazy("Paid fees"),
    gettext_lazy("Paid"),
    gettext_lazy("Outstanding fees"),
    gettext_lazy("Outstanding"),
    gettext_lazy("Unmatched"),
    "SHA-256",
)
_AT_ONCE = 200


@require_safe
@bursar_page
def bursar_csv(request: StaffRequest) -> StreamingHttpResponse:
    """A line for each export that the page would show; ``?profile=`` is the number of one."""
    number = number_asked(request, "profile")
    profile = get_profile(request.actor, number) if number is not None else None
    runs = runs_asked(request.actor, request.institution, profile, Asked.of(request).runs)
    name = f"reconciliation-{profile.code}.csv" if profile else "reconciliation.csv"
    return csv_download(name, RUNS_HEAD, _runs(request, runs.iterator(_AT_ONCE)))


@require_safe
@bursar_page
def bursar_run_csv(request: StaffRequest, export_id: int) -> StreamingHttpResponse:
    run = get_run(request.actor, export_id)
    lines, _choices, _chosen = narrowed(lines_of(request.actor, run), OF_RUN, request.GET.get("lines", ""))
    return csv_download(f"export-{run.number}.csv", RUN_HEAD, run_rows(lines, run, request.institution))


@require_safe
@bursar_page
def bursar_import_csv(request: StaffRequest, import_id: int) -> StreamingHttpResponse:
    file = get_import(request.actor, import_id)
    lines, _choices, _chosen = narrowed(
        payments_of(request.actor, file), choices_of(file), request.GET.get("lines", "")
    )
    return csv_download(
        f"payments-{file.pk}.csv",
        CHECK_HEAD if file.is_check else FILE_HEAD,
        file_rows(lines, file, request.institution),
    )


def _runs(request: StaffRequest, runs: Iterator[BursarRun]) -> Iterator[list[Any]]:
    while some := list(islice(runs, _AT_ONCE)):
        unmatched = unmatched_by_run(request.actor, some)
        for row in reconciled(request.actor, some):
            yield _cells(row, unmatched[row.run.pk], request.institution)


def _cells(row: Reconciled, unmatched: int, institution: Institution) -> list[Any]:
    run = row.run

    def plain(minor: int) -> str:
        return format_plain(minor, institution.currency)

    def moment(at: Any) -> str:
        return at.astimezone(institution.zone).isoformat(timespec="minutes") if at else ""

    return [
        run.number,
        run.profile.name,
        str(BursarRun.State(run.state).label),
        moment(run.started_at),
        run.started_by,
        run.selected_count,
        plain(run.selected_minor),
        run.file_name,
        run.file_count,
        plain(run.file_minor),
        row.ledger_count,
        plain(row.ledger_minor),
        plain(row.difference_minor),
        moment(run.delivered_at),
        moment(run.acknowledged_at),
        row.paid_count,
        plain(row.paid_minor),
        row.outstanding_count,
        plain(row.outstanding_minor),
        unmatched,
        run.file_sha256,
    ]
