"""Bursar: profiles and runs, and the reconciliation of what went there with what came back (row D7)."""

from datetime import timedelta
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
from amerce.bursar.finding import UNDER_WAY, rejected_since, runs_asked, stuck_runs, unmatched_by_run
from amerce.bursar.import_job import NAME as IMPORT
from amerce.bursar.models import BursarProfile
from amerce.bursar.profiles import get_profile, profiles_of
from amerce.bursar.reconciliation import imports_of, reconciled, unmatched_payments
from amerce.bursar.totals import totals
from amerce.bursar.undo_job import NAME as UNDO
from amerce.bursar.uploads import drop_upload, keep_upload
from amerce.inputs.errors import Refused
from amerce.jobs.enqueue import enqueue
from amerce.jobs.job import JobRefused
from amerce.jobs.models import JobRun
from amerce.web.bursar_asked import Asked
from amerce.web.bursar_chart import chart_of
from amerce.web.bursar_page import bursar_page
from amerce.web.bursar_profile_facts import Begins, begins_by_itself, facts_in_words
from amerce.web.bursar_wording import STATE_COLOURS
from amerce.web.job_wording import title_of
from amerce.web.policy_wording import policy_refusal
from amerce.web.request import StaffRequest

PER_PAGE = 20
FILES_SHOWN = 5
UNMATCHED_SHOWN = 5
WAITING_SHOWN = 5
_REJECTED_FOR = timedelta(days=30)
"""For how long a rejected file is among what waits for a hand."""


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
    asked = Asked.of(request)
    runs = runs_asked(request.actor, request.institution, profile, asked.runs)
    page = Paginator(runs, PER_PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    found = totals(request.actor, profile, timezone.now())
    unmatched = unmatched_by_run(request.actor, shown)
    context = {
        "profile": profile,
        "profiles": [profile] if profile else list(profiles_of(request.actor)),
        "page": page,
        "rows": [(row, unmatched[row.run.pk]) for row in reconciled(request.actor, shown)],
        "asked": asked,
        "files": list(imports_of(request.actor, profile)[: FILES_SHOWN + 1]),
        "files_shown": FILES_SHOWN,
        "totals": found,
        "chart": chart_of(found.months),
        "unmatched": list(unmatched_payments(request.actor, profile)[:UNMATCHED_SHOWN]),
        "colours": STATE_COLOURS,
        "may_run": can(request.actor, Privilege.FEE_EXPORT),
        "may_configure": can(request.actor, Privilege.CHARGES_CONFIGURE),
        **_waiting(request, profile),
        **_about(request, profile),
    }
    return render(request, "web/bursar/overview.html", context)


def _waiting(request: StaffRequest, profile: BursarProfile | None) -> dict[str, Any]:
    """What goes on, and what waits for a hand. Three queries."""
    under_way = JobRun.objects.filter(
        institution_id=request.institution.pk,
        name__in=(EXPORT, IMPORT, UNDO),
        state__in=(JobRun.State.QUEUED, JobRun.State.RUNNING),
    )
    going = [(run, title_of(run.name, run)) for run in under_way.order_by("pk") if _is_about(run, profile)]
    stuck = list(stuck_runs(request.actor, profile)[: WAITING_SHOWN + 1])
    if going:  # what is under way is not stuck
        stuck = [run for run in stuck if run.state not in UNDER_WAY]
    rejected = rejected_since(request.actor, profile, timezone.now() - _REJECTED_FOR)
    return {
        "going": going,
        "stuck": stuck,
        "rejected": list(rejected[: WAITING_SHOWN + 1]),
        "waiting_shown": WAITING_SHOWN,
    }


def _is_about(run: JobRun, profile: BursarProfile | None) -> bool:
    return profile is None or run.params.get("profile", profile.code) == profile.code


def _about(request: StaffRequest, profile: BursarProfile | None) -> dict[str, Any]:
    """What the profile says, and when it begins by itself, for who cannot open its form."""
    if profile is None:
        return {}
    begins: list[Begins] = begins_by_itself(request, profile)
    return {"facts": facts_in_words(request, profile), "begins": begins}
