"""One run of a job: how far it is, what it did, and what it has to tell; cancelling it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amerce.access.queries import names_by_login
from amerce.inputs.errors import Refused, RowNotFound
from amerce.jobs.cancel import cancel_run
from amerce.jobs.models import JobRun, RunEventRow
from amerce.jobs.queries import get_run, may_read_report, report_is_for, report_of
from amerce.jobs.registry import jobs
from amerce.web.bursar_results import given_again, made_by
from amerce.web.job_page import job_page, may_run
from amerce.web.job_wording import LEVELS, OWN_PAGES, params_in_words
from amerce.web.log_page import LogPage, number_asked
from amerce.web.monitor_jobs import run_lines
from amerce.web.policy_wording import policy_refusal
from amerce.web.privilege_wording import WORDS
from amerce.web.request import StaffRequest
from amerce.web.run_event_wording import counts_in_words, sentence_of

PER_PAGE = 100
LIVE = "run-live"
"""The part of the page that polls until the run has ended."""


@require_safe
@job_page
def job_run(request: StaffRequest, run_id: int) -> HttpResponse:
    """``?level=`` is one of ``LEVELS``; ``?after=`` is the number of an event, only later ones are shown.

    ``?shown=`` is the state in which the page around the live part shows the run.
    """
    run = get_run(request.actor, run_id)
    context: dict[str, Any] = {
        "line": run_lines(request, [run])[0],
        "run": run,
        "counts": counts_in_words(run.counts, request.institution),
    }
    if request.htmx and request.htmx.target == LIVE:
        response = render(request, "web/jobs/_live.html", context)
        if run.has_ended or request.GET.get("shown", run.state) != run.state:
            response["HX-Refresh"] = "true"  # once: when it began, the report and what can be done are beside it
        return response
    return render(request, "web/jobs/run.html", context | _report(request, run) | _acts(request, run))


@require_POST
@job_page
def cancel_job_run(request: StaffRequest, run_id: int) -> HttpResponse:
    try:
        outcome = cancel_run(actor=request.actor, at=timezone.now(), run_id=run_id)
    except RowNotFound:
        raise
    except Refused as refused:
        messages.error(request, policy_refusal(refused, request.institution)[1])
    else:
        began = _("Cancelled. What was done before stays done.")
        messages.success(request, began if outcome.looked_at else _("Cancelled before it did anything."))
    return redirect("job-run", run_id)


def _report(request: StaffRequest, run: JobRun) -> dict[str, Any]:
    if not may_read_report(request.actor, run):
        return {"report_is_for": ", ".join(str(WORDS[each].name) for each in sorted(report_is_for(run)))}
    level, after = request.GET.get("level", ""), number_asked(request, "after")
    level = level if level in RunEventRow.Level.values else ""
    told = report_of(request.actor, run, level)
    if after is not None:
        told = told.filter(number__gt=after)
    page = LogPage.of(told, PER_PAGE, after)
    levels = {
        RunEventRow.Level.ERROR: run.error_count,
        RunEventRow.Level.WARNING: run.warning_count,
        RunEventRow.Level.INFO: run.event_count - run.warning_count - run.error_count,
    }
    return {
        "told": [(each, *LEVELS[each.level][:2], _sentence(each, request)) for each in page.rows],
        "levels": [(each, LEVELS[each][2], count) for each, count in levels.items() if count],
        "level": level,
        "page": page,
    }


def _sentence(told: RunEventRow, request: StaffRequest) -> str:
    return sentence_of(told.code, told.data, request.institution)


def _acts(request: StaffRequest, run: JobRun) -> dict[str, Any]:
    """Parameters, what the run made, and what can be done with it by who looks."""
    job = jobs().get(run.name)
    may = may_run(request.actor, run.name)
    again, why_not_again = "", ""
    if job and may and run.has_ended and job.name not in OWN_PAGES:
        given = given_again(request, run)
        if given is None:
            why_not_again = _("It cannot be run again, since its file is not kept here any more. Upload the file anew.")
        else:
            again = f"{reverse('job-start', args=[job.name])}?{urlencode(given)}"
    waits = run.state == JobRun.State.QUEUED
    return {
        "params": params_in_words(run.params, request.institution),
        "cancelled_by": names_by_login(request.institution.pk, [run.cancelled_by]).get(
            run.cancelled_by, run.cancelled_by
        ),
        "can_cancel": bool(job and may and not run.has_ended and (waits or job.is_cancellable)),
        "again": again,
        "why_not_again": why_not_again,
        "made": made_by(request, run),
    }
