"""Bursar: profiles and runs, and the reconciliation of what went there with what came back (row D7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from amerce.access.can import can
from amerce.access.privileges import Privilege
from amerce.bursar.export_job import NAME as EXPORT
from amerce.bursar.import_job import NAME as IMPORT
from amerce.bursar.models import BursarImport, BursarProfile
from amerce.bursar.profiles import get_profile, profiles_of
from amerce.bursar.reconciliation import Month, Totals, imports_of, reconciled, runs_of, totals, unmatched_payments
from amerce.bursar.uploads import drop_upload, keep_upload
from amerce.inputs.errors import Refused
from amerce.jobs.enqueue import enqueue
from amerce.jobs.job import JobRefused
from amerce.jobs.models import JobRun
from amerce.web.bursar_page import bursar_page
from amerce.web.bursar_wording import STATE_COLOURS
from amerce.web.policy_wording import policy_refusal
from amerce.web.request import StaffRequest

PER_PAGE = 20
_FILES_SHOWN = 20
_UNMATCHED_SHOWN = 20
_CHART_HEIGHT = 100
_BAR, _GAP, _STEP = 14, 4, 44


@dataclass(frozen=True)
class Bar:
    """A bar of the chart, in its own units, from the zero line up or down."""

    x: int
    y: int
    height: int


@dataclass(frozen=True)
class Column:
    """A month in the chart and in its table."""

    month: Month
    exported: Bar
    paid: Bar


@dataclass(frozen=True)
class Chart:
    columns: list[Column]
    width: int
    height: int
    zero: int


@require_safe
@bursar_page
def bursar(request: StaffRequest) -> HttpResponse:
    """All profiles, with the newest runs and files of all."""
    return _show(request, None)


@require_safe
@bursar_page
def bursar_of_profile(request: StaffRequest, bursar_id: int) -> HttpResponse:
    """One profile: Reconciliation."""
    return _show(request, get_profile(request.actor, bursar_id))


@require_http_methods(["POST"])
@bursar_page
def begin_export(request: StaffRequest, bursar_id: int) -> HttpResponse:
    return _begin(request, EXPORT, get_profile(request.actor, bursar_id))


@require_http_methods(["POST"])
@bursar_page
def begin_import(request: StaffRequest, bursar_id: int) -> HttpResponse:
    """With a file: that one; without: those that wait in the import folder."""
    profile = get_profile(request.actor, bursar_id)
    sent: UploadedFile | None = request.FILES.get("file")
    more = {}
    if sent:
        try:
            more["upload"] = keep_upload(
                actor=request.actor, at=timezone.now(), name=sent.name or "", size=sent.size or 0, pieces=sent.chunks()
            )
        except Refused as refused:
            _field, sentence = policy_refusal(refused, request.institution)
            messages.error(request, sentence)
            return redirect("bursar-of-profile", bursar_id)
    elif request.POST.get("from") == "upload":
        messages.error(request, _("Choose a file first."))
        return redirect("bursar-of-profile", bursar_id)
    return _begin(request, IMPORT, profile, **more)


def _begin(request: StaffRequest, name: str, profile: BursarProfile, **more: str) -> HttpResponse:
    given = {"profile": profile.code, **more}
    try:
        run = enqueue(actor=request.actor, at=timezone.now(), name=name, given=given)
    except JobRefused as refused:
        if "upload" in more:
            drop_upload(request.institution.pk, more["upload"])
        messages.error(request, str(refused))
        return redirect("bursar-of-profile", profile.pk)
    return redirect("job-run", run.pk)


def _show(request: StaffRequest, profile: BursarProfile | None) -> HttpResponse:
    page = Paginator(runs_of(request.actor, profile), PER_PAGE).get_page(request.GET.get("page"))
    found: Totals = totals(request.actor, profile, timezone.now())
    going = JobRun.objects.filter(
        institution_id=request.institution.pk,
        name__in=(EXPORT, IMPORT),
        state__in=(JobRun.State.QUEUED, JobRun.State.RUNNING),
    )
    context = {
        "profile": profile,
        "profiles": [profile] if profile else list(profiles_of(request.actor)),
        "page": page,
        "rows": reconciled(request.actor, list(page.object_list)),
        "files": list(imports_of(request.actor, profile)[:_FILES_SHOWN]),
        "totals": found,
        "chart": _chart(found.months),
        "unmatched": list(unmatched_payments(request.actor, profile)[:_UNMATCHED_SHOWN]),
        "colours": STATE_COLOURS,
        "may_run": can(request.actor, Privilege.FEE_EXPORT),
        "may_configure": can(request.actor, Privilege.CHARGES_CONFIGURE),
        "going": list(going.order_by("pk")),
        "rejected": BursarImport.State.REJECTED,
    }
    return render(request, "web/bursar/overview.html", context)


def _chart(months: Sequence[Month]) -> Chart:
    """Bars of whole units, so that the picture is the same whoever draws it."""
    values: list[Any] = [each for month in months for each in (month.exported_minor, month.paid_minor)]
    highest, lowest = max([*values, 0]), min([*values, 0])
    span = highest - lowest or 1
    zero = _CHART_HEIGHT * highest // span

    def bar(x: int, minor: int) -> Bar:
        height = _CHART_HEIGHT * abs(minor) // span
        return Bar(x, zero - height if minor > 0 else zero, max(height, 1) if minor else 0)

    columns = [
        Column(month, bar(at * _STEP + _GAP, month.exported_minor), bar(at * _STEP + 2 * _GAP + _BAR, month.paid_minor))
        for at, month in enumerate(months)
    ]
    return Chart(columns, max(len(months), 1) * _STEP, _CHART_HEIGHT, zero)
