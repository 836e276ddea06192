"""Letters to be printed, by printer, and the batches that were made of them (row E1)."""

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.db.models.functions import Length
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.access.queries import names_by_login
from amerce.inputs.checks import possible_ids
from amerce.inputs.errors import RowNotFound
from amerce.jobs.models import JobRun
from amerce.jobs.queries import last_run
from amerce.letters.models import PrintBatch
from amerce.letters.pdf import PdfNotInstalled, can_make_pdf
from amerce.letters.print_job import FILE_LETTERS
from amerce.letters.print_letters import NothingToPrint, mark_printed, start_printing
from amerce.letters.queries import PRINTING, batches, open_runs, to_print
from amerce.web.account_form import ids_of
from amerce.web.letters import NO_PDF, download
from amerce.web.monitor_jobs import run_lines
from amerce.web.paging import page_asked
from amerce.web.refusals import refusal
from amerce.web.request import StaffRequest

PER_PAGE = 25
LIVE = "printing-live"
"""The part of the page that polls while files are made."""


@require_http_methods(["GET", "HEAD", "POST"])
def letter_print(request: StaffRequest) -> HttpResponse:
    """GET lists printers and files; POST has files made of what waits for ``printer``."""
    require(request.actor, Privilege.LETTER_SEND)
    if request.method == "POST":
        return _make(request)
    runs = open_runs(request.actor, PRINTING)
    lines = run_lines(request, runs) if runs else []
    if request.htmx and request.htmx.target == LIVE:
        response = render(request, "web/letters/_runs_live.html", {"lines": lines, "live": LIVE})
        if not lines:
            response["HX-Refresh"] = "true"  # once: there are files now
        return response
    waiting = to_print(request.actor).order_by("printer__name").values("printer", "printer__name")
    rows = batches(request.actor).annotate(held=Count("letters"), size=Length("pdf"))
    page = page_asked(request, rows, PER_PAGE)
    people = (name for each in page for name in (each.created_by, each.printed_by))
    context: dict[str, Any] = {
        "printers": list(waiting.annotate(held=Count("pk"))),
        "page": page,
        "names": names_by_login(request.institution.pk, people),
        "can_pdf": can_make_pdf(),
        "limit": FILE_LETTERS,
        "lines": lines,
        "live": LIVE,
        "error": "" if runs else _failure_of(last_run(request.institution.pk, PRINTING)),
        "no_pdf": NO_PDF,
    }
    return render(request, "web/letters/printing.html", context)


def _failure_of(run: JobRun | None) -> str:
    """Why the last run made no more files."""
    return run.error if run and run.state == JobRun.State.FAILED else ""


def _make(request: StaffRequest) -> HttpResponse:
    typed = request.POST.get("printer", "")
    printer_id = next(iter(ids_of([typed])), None) if typed else None
    try:
        start_printing(actor=request.actor, at=timezone.now(), printer_id=printer_id)
    except NothingToPrint:
        messages.info(request, _("No letter waits for this printer."))
    except PdfNotInstalled:
        messages.warning(request, NO_PDF)
    else:
        messages.success(request, _("Files are being made. They stand below as soon as they are there."))
    return redirect("letter-print")


@require_safe
def letter_batch(request: StaffRequest, batch_id: int) -> HttpResponse:
    """The file of a batch, as it was made."""
    require(request.actor, Privilege.LETTER_SEND)
    rows = PrintBatch.objects.filter(institution_id=request.institution.pk, pk__in=possible_ids([batch_id]))
    batch = rows.first()
    if batch is None:
        return refusal(request, _("There is no such batch."), title=_("Not found"), status=404)
    if not batch.pdf:
        erased = _("This file was erased together with a letter in it. The others are under Attachments.")
        return refusal(request, erased, title=_("Erased"), status=410)
    return download(bytes(batch.pdf), f"letters-{batch.pk}.pdf", "application/pdf")


@require_POST
def letter_batch_printed(request: StaffRequest, batch_id: int) -> HttpResponse:
    require(request.actor, Privilege.LETTER_SEND)
    try:
        mark_printed(actor=request.actor, at=timezone.now(), batch_id=batch_id)
    except RowNotFound:
        return refusal(request, _("There is no such batch."), title=_("Not found"), status=404)
    messages.success(request, _("The letters of this batch are printed."))
    return redirect("letter-print")
