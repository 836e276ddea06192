"""One export drawn from left to right, with its lines; and what a clerk does to it (rows D1, D7)."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from amerce.access.actors import EVERYWHERE
from amerce.access.can import can_for, require_for
from amerce.access.privileges import Privilege
from amerce.access.queries import names_by_login
from amerce.bursar.errors import BursarError
from amerce.bursar.export_stages import awaits_download
from amerce.bursar.finding import UNDER_WAY
from amerce.bursar.models import BursarLine, BursarRun
from amerce.bursar.reconciliation import Reconciled, get_run, lines_of, reconciled, unmatched_payments
from amerce.bursar.run_commands import ACKNOWLEDGEABLE, WITH_FILE, acknowledge, begin_undo, fetch_file, is_undoable
from amerce.web.bursar_lines import OF_RUN, line_in_words, narrowed, outstanding_minor
from amerce.web.bursar_page import bursar_page
from amerce.web.bursar_trail import trail
from amerce.web.bursar_wording import STATE_COLOURS, in_place, why_not_undone
from amerce.web.policy_wording import policy_refusal
from amerce.web.request import StaffRequest

PER_PAGE = 50
UNMATCHED_SHOWN = 5


@dataclass(frozen=True)
class Stage:
    """A step of the pipeline. ``differs`` is red; ``when`` says since when it is done."""

    title: str
    count: int | None
    total_minor: int | None
    is_done: bool
    when: Any = None
    note: str = ""
    differs: bool = False


@require_safe
@bursar_page
def bursar_run(request: StaffRequest, export_id: int) -> HttpResponse:
    """``?lines=`` is one of ``OF_RUN``."""
    return _show(request, get_run(request.actor, export_id))


@require_http_methods(["POST"])
@bursar_page
def download_bursar_file(request: StaffRequest, export_id: int) -> HttpResponseBase:
    run = get_run(request.actor, export_id)
    try:
        path = fetch_file(actor=request.actor, at=timezone.now(), run_id=export_id)
    except BursarError as error:
        return _refused(request, run, error)
    return FileResponse(path.open("rb"), as_attachment=True, filename=run.file_name, content_type="application/xml")


@require_http_methods(["POST"])
@bursar_page
def acknowledge_run(request: StaffRequest, export_id: int) -> HttpResponse:
    try:
        acknowledge(actor=request.actor, at=timezone.now(), run_id=export_id)
    except BursarError as error:
        return _refused(request, get_run(request.actor, export_id), error)
    messages.success(request, _("Acknowledged."))
    return redirect("bursar-run", export_id)


@require_http_methods(["GET", "HEAD", "POST"])
@bursar_page
def undo_run(request: StaffRequest, export_id: int) -> HttpResponse:
    """Asks first: every fee of the run is owed here again."""
    require_for(request.actor, Privilege.FEE_EXPORT, EVERYWHERE)
    run = get_run(request.actor, export_id)
    if request.method != "POST":
        (row,) = reconciled(request.actor, [run])
        context = {"run": run, "row": row, "can_undo": is_undoable(run), "why_not": why_not_undone(run)}
        return render(request, "web/bursar/undo.html", context)
    try:
        queued = begin_undo(actor=request.actor, at=timezone.now(), run_id=export_id)
    except BursarError as error:
        return _refused(request, run, error)
    return redirect("job-run", queued.run.pk)


def _refused(request: StaffRequest, run: BursarRun, error: BursarError) -> HttpResponse:
    _field, sentence = policy_refusal(error, request.institution)
    return _show(request, run, error=sentence, status=422)


def _show(request: StaffRequest, run: BursarRun, *, error: str = "", status: int = 200) -> HttpResponse:
    (row,) = reconciled(request.actor, [run])
    lines, choices, chosen = narrowed(lines_of(request.actor, run), OF_RUN, request.GET.get("lines", ""))
    page = Paginator(lines, PER_PAGE).get_page(request.GET.get("page"))
    may_run = can_for(request.actor, Privilege.FEE_EXPORT, EVERYWHERE)
    is_first_download = awaits_download(run)
    unmatched = list(unmatched_payments(request.actor, run=run)[: UNMATCHED_SHOWN + 1])
    names = names_by_login(request.institution.pk, [run.acknowledged_by, run.undone_by])
    context = {
        "run": run,
        "row": row,
        "stages": _stages(row, names),
        "unmatched": unmatched[:UNMATCHED_SHOWN],
        "more_unmatched": len(unmatched) > UNMATCHED_SHOWN,
        "page": page,
        "lines": [_line(line, run) for line in page.object_list],
        "choices": choices,
        "chosen": chosen,
        "trail": trail(request, run),
        "undone_by": names.get(run.undone_by, run.undone_by),
        "colour": STATE_COLOURS.get(run.state, "quiet"),
        "can_download": run.state in WITH_FILE and (may_run or not is_first_download),
        "is_first_download": is_first_download,
        "can_acknowledge": may_run and run.state in ACKNOWLEDGEABLE,
        "can_undo": may_run and is_undoable(run),
        "may_run": may_run,
        "may_change_by_itself": is_first_download or run.state in UNDER_WAY,
        "error": error,
    }
    return render(request, "web/bursar/run.html", context, status=status)


def _line(line: BursarLine, run: BursarRun) -> tuple[BursarLine, str, str, str, int]:
    line.run = run  # which the template asks of each, as of lines of several runs
    return (line, *line_in_words(line), outstanding_minor(line))


def _stages(row: Reconciled, names: dict[str, str]) -> list[Stage]:
    run = row.run
    has_file = row.has_file
    dropped = _("%(count)s dropped out") % {"count": run.dropped_count} if run.dropped_count else ""
    ledger = _("the ledger has another sum") if row.differs else ""
    delivered = run.delivered_at is not None
    acknowledged_by = names.get(run.acknowledged_by, run.acknowledged_by)
    count, total_minor = run.file_count, run.file_minor

    def stage(title: str, is_done: bool, when: Any, note: str = "", *, differs: bool = False) -> Stage:
        return Stage(title, count if is_done else None, total_minor if is_done else None, is_done, when, note, differs)

    stages = [
        Stage(_("Selected"), run.selected_count, run.selected_minor, run.state != "selecting", run.started_at, dropped),
        stage(_("File"), has_file, run.made_at, ledger, differs=row.differs),
        stage(_("Delivered"), delivered, run.delivered_at, in_place(run.delivered_to)),
        stage(_("Acknowledged"), run.acknowledged_at is not None, run.acknowledged_at, acknowledged_by),
    ]
    if run.awaits_payment:
        is_paid = bool(row.paid_count and not row.outstanding_count)
        stages.append(Stage(_("Paid"), row.paid_count, row.paid_minor, is_paid))
    return stages
