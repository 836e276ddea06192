"""One run of a job: how far it is, what it did, and what it has to tell."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amerce.inputs.errors import RowNotFound
from amerce.jobs.queries import get_run, report_of
from amerce.jobs.registry import find_job
from amerce.web.refusals import refusal
from amerce.web.request import StaffRequest
from amerce.web.run_event_wording import counts_in_words, sentence_of

PER_PAGE = 50


@require_safe
def job_run(request: StaffRequest, run_id: int) -> HttpResponse:
    try:
        run = get_run(request.actor, run_id)
    except RowNotFound:
        return refusal(request, _("There is no such run."), title=_("Not found"), status=404)
    told = report_of(run)[:PER_PAGE]
    context = {
        "run": run,
        "title": find_job(run.name).title_of(run),
        "counts": counts_in_words(run.counts, request.institution),
        "told": [(each, sentence_of(each.code, each.data, request.institution)) for each in told],
    }
    return render(request, "web/jobs/run.html", context)
