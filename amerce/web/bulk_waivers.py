"""Bulk waivers that were started: the list of them, one run with its totals and report, and its undo (row B15)."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from amerce.access.queries import names_by_login
from amerce.bulk.criteria import from_json
from amerce.bulk.models import BulkWaiver
from amerce.bulk.preview import Part
from amerce.bulk.queries import get_waiver, last_told, report, undone_totals, waivers
from amerce.bulk.save_list import list_facts
from amerce.bulk.selection import Verdict
from amerce.bulk.undo import undo_bulk_waiver
from amerce.inputs.errors import Refused, RowNotFound
from amerce.institutions.models import CodeEntry
from amerce.institutions.queries import code_labels
from amerce.jobs.models import JobRun
from amerce.money.format import format_plain
from amerce.web.bulk_wording import bulk_refusal, in_words, told
from amerce.web.csv_download import csv_download
from amerce.web.job_progress import Progress, progress_of
from amerce.web.job_wording import STATES, title_of
from amerce.web.paging import page_asked
from amerce.web.refusals import refusal
from amerce.web.request import StaffRequest

PER_PAGE = 50
_TOLD = 20


@dataclass(frozen=True)
class RunShown:
    """A run as it is drawn: what it did so far, and how far it is."""

    run: JobRun
    title: str
    state: str
    colour: str
    part: Part
    skipped: int
    progress: Progress

    @classmethod
    def of(cls, run: JobRun) -> "RunShown":
        counts = run.counts
        colour, state = STATES[run.state]
        part = Part(counts.get("patrons", 0), counts.get("fees", 0), counts.get("total_minor", 0))
        progress = progress_of(run, timezone.now())
        return cls(run, title_of(run.name, run), str(state), colour, part, counts.get("skipped", 0), progress)

    @property
    def is_going(self) -> bool:
        return not self.run.has_ended


@dataclass(frozen=True)
class Row:
    """A bulk waiver in the list. ``undone`` is there once its undo was asked for."""

    waiver: BulkWaiver
    run: RunShown
    undone: RunShown | None
    reason: str


@require_safe
def bulk_waivers(request: StaffRequest) -> HttpResponse:
    page = page_asked(request, waivers(request.actor), PER_PAGE)
    reasons = code_labels(request.institution.pk, CodeEntry.Table.WAIVE_REASON)
    rows = [_row(each, reasons) for each in page.object_list]
    names = names_by_login(request.institution.pk, (each.waiver.created_by for each in rows))
    return render(request, "web/bulk/waivers.html", {"page": page, "rows": rows, "names": names})


@require_safe
def bulk_waiver(request: StaffRequest, waiver_id: int) -> HttpResponse:
    """The page of one; htmx asks for it again while it goes on, and gets what moves."""
    try:
        waiver = get_waiver(request.actor, waiver_id)
    except RowNotFound:
        return _not_found(request)
    return _show(request, waiver)


@require_http_methods(["POST"])
def bulk_waiver_undo(request: StaffRequest, waiver_id: int) -> HttpResponse:
    try:
        undoing = undo_bulk_waiver(actor=request.actor, at=timezone.now(), waiver_id=waiver_id)
    except RowNotFound:
        return _not_found(request)
    except Refused as refused:
        _field, sentence = bulk_refusal(refused, request.institution)
        return _show(request, get_waiver(request.actor, waiver_id), error=sentence, status=422)
    if undoing.replayed:
        messages.info(request, _("The undo of this run was started before."))
    return redirect("bulk-waiver", waiver_id)


@require_safe
def bulk_waiver_report(request: StaffRequest, waiver_id: int) -> HttpResponseBase:
    """Who was waived how much, what was left and why, what was undone, as a CSV file."""
    try:
        waiver = get_waiver(request.actor, waiver_id)
    except RowNotFound:
        return _not_found(request)
    currency = request.institution.currency
    rows = (
        (
            each.line if each.line else "",
            each.user,
            each.name,
            each.fee_id or "",
            told(each.code) if each.code else _("Waived"),
            each.fees,
            format_plain(each.amount_minor, currency),
            format_plain(each.undone_minor, currency) if each.undone_minor else "",
        )
        for each in report(waiver)
    )
    header = (
        _("Line"), _("User ID"), _("Name"), _("Fee ID"), _("What happened"), _("Fees"), _("Amount"), _("Undone"),
    )  # fmt: skip
    return csv_download(f"bulk-fine-waiving-{waiver.pk}.csv", header, rows)


def _show(request: StaffRequest, waiver: BulkWaiver, *, error: str = "", status: int = 200) -> HttpResponse:
    assert waiver.run is not None, "a bulk waiver is made with its run"
    run = RunShown.of(waiver.run)
    undo = RunShown.of(waiver.undo_run) if waiver.undo_run else None
    undone_fees, undone_minor = undone_totals(waiver)
    context = {
        "waiver": waiver,
        "run": run,
        "undo": undo,
        "undone_fees": undone_fees,
        "undone_minor": undone_minor,
        "can_undo": waiver.run.has_ended and run.part.fees > undone_fees and (undo is None or _has_stopped(undo)),
        "previewed": Part(**waiver.preview[Verdict.WAIVED]),
        "differs": waiver.run.has_ended and Part(**waiver.preview[Verdict.WAIVED]) != run.part,
        "criteria": in_words(from_json(waiver.criteria), request.institution),
        "reason": code_labels(request.institution.pk, CodeEntry.Table.WAIVE_REASON).get(waiver.reason, waiver.reason),
        "id_list": list_facts(request.actor, waiver.id_list_id) if waiver.id_list_id else None,
        "names": names_by_login(request.institution.pk, [waiver.created_by]),
        "told": [(name, each, told(each.code)) for name, each in last_told(waiver, _TOLD)],
        "told_in_all": run.skipped + (undo.skipped if undo else 0),
        "is_going": run.is_going or (undo is not None and undo.is_going),
        "error": error,
    }
    only_progress = bool(request.htmx) and request.htmx.target == "bulk-run"
    template = "web/bulk/_run.html" if only_progress else "web/bulk/waiver.html"
    return render(request, template, context, status=status)


def _row(waiver: BulkWaiver, reasons: dict[str, str]) -> Row:
    assert waiver.run is not None, "a bulk waiver is made with its run"
    undone = RunShown.of(waiver.undo_run) if waiver.undo_run else None
    return Row(waiver, RunShown.of(waiver.run), undone, reasons.get(waiver.reason, waiver.reason))


def _has_stopped(shown: RunShown) -> bool:
    return shown.run.state in (JobRun.State.FAILED, JobRun.State.CANCELLED)


def _not_found(request: StaffRequest) -> HttpResponse:
    return refusal(request, _("There is no such bulk waiver."), title=_("Not found"), status=404)
