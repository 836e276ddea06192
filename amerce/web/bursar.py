"""Bursar: profiles and runs, and the reconciliation of what went there with what came back (row D7)."""

from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from amerce.access.actors import EVERYWHERE
from amerce.access.can import can, can_for
from amerce.access.privileges import Privilege
from amerce.bursar.checked import checked_since
from amerce.bursar.export_job import NAME as EXPORT
from amerce.bursar.finding import jobs_about, rejected_since, runs_asked, stuck_imports, stuck_runs, unmatched_by_run
from amerce.bursar.import_params import NAME as IMPORT
from amerce.bursar.models import BursarProfile
from amerce.bursar.profiles import get_profile, profiles_of
from amerce.bursar.reconciliation import imports_of, reconciled, unmatched_payments
from amerce.bursar.totals import totals
from amerce.bursar.undo_import_job import NAME as UNDO_IMPORT
from amerce.bursar.undo_job import NAME as UNDO
from amerce.jobs.models import JobRun
from amerce.web.bursar_asked import Asked
from amerce.web.bursar_chart import chart_of
from amerce.web.bursar_page import bursar_page
from amerce.web.bursar_profile_facts import Begins, begins_by_itself, facts_in_words
from amerce.web.bursar_wording import STATE_COLOURS
from amerce.web.job_wording import title_of
from amerce.web.log_page import number_asked
from amerce.web.request import StaffRequest

PER_PAGE = 20
FILES_SHOWN = 5
UNMATCHED_SHOWN = 5
WAITING_SHOWN = 5
_REJECTED_FOR = timedelta(days=30)
"""For how long a file that was rejected, or only checked, is among what waits for a hand."""


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
        "whole": number_asked(request, "whole"),
        "may_run": can_for(request.actor, Privilege.FEE_EXPORT, EVERYWHERE),
        "may_configure": can(request.actor, Privilege.CHARGES_CONFIGURE),
        **_waiting(request, profile),
        **_about(request, profile),
    }
    return render(request, "web/bursar/overview.html", context)


def _waiting(request: StaffRequest, profile: BursarProfile | None) -> dict[str, Any]:
    """What goes on, and what waits for a hand. Five queries, and one more for each kind of undo that goes on."""
    under_way = JobRun.objects.filter(
        institution_id=request.institution.pk,
        name__in=(EXPORT, IMPORT, UNDO, UNDO_IMPORT),
        state__in=(JobRun.State.QUEUED, JobRun.State.RUNNING),
    )
    going = jobs_about(request.actor, profile, list(under_way.order_by("pk")))
    since = timezone.now() - _REJECTED_FOR
    rejected = rejected_since(request.actor, profile, since)
    checked = checked_since(request.actor, profile, since)
    return {
        "going": [(job, title_of(job.name, job)) for job in going],
        "stuck": list(stuck_runs(request.actor, profile, going)[: WAITING_SHOWN + 1]),
        "half_undone": list(stuck_imports(request.actor, profile, going)[: WAITING_SHOWN + 1]),
        "rejected": list(rejected[: WAITING_SHOWN + 1]),
        "checked": list(checked[: WAITING_SHOWN + 1]),
        "waiting_shown": WAITING_SHOWN,
    }


def _about(request: StaffRequest, profile: BursarProfile | None) -> dict[str, Any]:
    """What the profile says, and when it begins by itself, for who cannot open its form."""
    if profile is None:
        return {}
    begins: list[Begins] = begins_by_itself(request, profile)
    return {"facts": facts_in_words(request, profile), "begins": begins}
