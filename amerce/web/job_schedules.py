"""Fulfillment Jobs Configuration: the jobs, when each begins by itself, and beginning one now."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import can, require_for
from amerce.access.privileges import Privilege
from amerce.access.queries import names_by_login
from amerce.jobs.cron import checked_cron, first_times
from amerce.jobs.delete_schedule import delete_schedule
from amerce.jobs.enqueue import enqueue_once
from amerce.jobs.errors import CronNotTaken, JobRefused, NeverDue
from amerce.jobs.job import Job
from amerce.jobs.queries import get_schedule, schedules
from amerce.jobs.registry import jobs
from amerce.jobs.save_schedule import save_schedule
from amerce.jobs.schedule_facts import CHANGED
from amerce.jobs.switch_schedule import disable_schedule, enable_schedule
from amerce.web.change_history import changes_for
from amerce.web.configuration import configuration_page, show
from amerce.web.job_forms import StartForm
from amerce.web.job_page import formed_job, job_page, may_run
from amerce.web.job_wording import ABOUT, OWN_PAGES, STILL_OPEN, times_in_words, title_of
from amerce.web.monitor_jobs import ScheduleLine, schedule_lines
from amerce.web.policy_wording import policy_refusal
from amerce.web.request import StaffRequest
from amerce.web.saving import confirmed, stamp_sent, tell_saved
from amerce.web.schedule_form import ScheduleForm, TimesForm, stamp_for, words_of_facts

TIMES_SHOWN = 3


@dataclass(frozen=True)
class JobLines:
    """A job with its schedules. ``own_page`` is the url name of the page it is begun on, if it has one."""

    job: Job
    about: str | Promise
    own_page: str
    may_run: bool
    schedules: list[ScheduleLine]


@require_safe
@configuration_page(Privilege.JOB_RUN)
def fulfillment_jobs(request: StaffRequest) -> HttpResponse:
    lines = schedule_lines(request, list(schedules(request.actor)))
    names = names_by_login(request.institution.pk, (each.schedule.updated_by for each in lines))
    context = {"jobs": [_job_lines(job, lines, request.actor) for job in jobs().values()], "names": names}
    return show(request, "fulfillment_jobs", context)


@require_http_methods(["GET", "HEAD", "POST"])
@job_page
def new_schedule(request: StaffRequest, job: str) -> HttpResponse:
    found = formed_job(job)
    require_for(request.actor, found.privilege_to_run, EVERYWHERE)
    return _edit(request, found, ScheduleForm(request, found, None), None)


@require_http_methods(["GET", "HEAD", "POST"])
@job_page
def edit_schedule(request: StaffRequest, schedule_id: int) -> HttpResponse:
    schedule = get_schedule(request.actor, schedule_id)
    job = formed_job(schedule.name)
    return _edit(request, job, ScheduleForm(request, job, schedule), schedule)


def _edit(request: StaffRequest, job: Job, form: ScheduleForm, schedule: Any) -> HttpResponse:
    schedule_id = schedule.pk if schedule else None
    if form.is_sent() and form.attempt(save_schedule, facts=form.facts(), schedule_id=schedule_id):
        times = times_in_words(form.facts().cron, request.institution)
        tell_saved(request, _("Saved. %(times)s.") % {"times": times}, is_changed=form.answer.is_changed)
        return _to_list(request)
    context = {
        "form": form,
        "job": job,
        "title": title_of(job.name, schedule) if schedule else job.title,
        "schedule": schedule,
        "stamp": stamp_for(schedule) if schedule else "",
        "changes": changes_for(request, form, CHANGED, words=words_of_facts(), schedule=schedule.pk)
        if schedule
        else [],
        **_next_times(request, form),
    }
    return show(request, "schedule", context, status=422 if form.errors else 200)


@require_safe
@job_page
def schedule_times(request: StaffRequest, job: str) -> HttpResponse:
    """When the schedule would begin its job next, while it is typed."""
    require_for(request.actor, formed_job(job).privilege_to_run, EVERYWHERE)
    form = TimesForm(request.GET)
    form.name_days(request.institution)
    form.is_valid()
    return show(request, "_schedule_times", _next_times(request, form))


@require_POST
@job_page
def switch_schedule(request: StaffRequest, schedule_id: int) -> HttpResponse:
    """``enabled`` is yes or no."""
    is_enabled = request.POST.get("enabled") == "yes"
    act = enable_schedule if is_enabled else disable_schedule
    try:
        act(actor=request.actor, at=timezone.now(), schedule_id=schedule_id)
    except JobRefused as refused:
        messages.error(request, policy_refusal(refused, request.institution)[1])
    else:
        messages.success(request, _("Enabled.") if is_enabled else _("Disabled: it begins no more by itself."))
    return _to_list(request)


@require_http_methods(["GET", "HEAD", "POST"])
@job_page
def remove_schedule(request: StaffRequest, schedule_id: int) -> HttpResponse:
    schedule = get_schedule(request.actor, schedule_id)
    done = _("Deleted. The job begins no more by itself.")
    error = confirmed(request, delete_schedule, done, schedule_id=schedule_id, expected_stamp=stamp_sent(request))
    if error is None:
        return _to_list(request)
    context = {
        "schedule": schedule,
        "title": title_of(schedule.name, schedule),
        "times": times_in_words(schedule.cron, request.institution),
        "error": error,
        "stamp": stamp_for(schedule),
    }
    return show(request, "schedule_delete", context, status=422 if error else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@job_page
def start_job(request: StaffRequest, job: str) -> HttpResponse:
    """Run now: parameters are filled in from the address, as Run again does."""
    found = formed_job(job)
    require_for(request.actor, found.privilege_to_run, EVERYWHERE)
    form = StartForm(request, found)
    if form.is_sent():
        key = form.cleaned_data["form_key"]
        if form.attempt(enqueue_once, name=found.name, given=form.given(), form_key=key):
            if form.answer.replayed:
                sent_before = _("This form was sent before. It is one run, and this is it.")
                messages.info(request, str(STILL_OPEN) if form.answer.is_open else sent_before)
            return redirect("job-run", form.answer.run.pk)
    context = {"form": form, "job": found, "about": ABOUT.get(found.name, "")}
    return render(request, "web/jobs/start.html", context, status=422 if form.errors else 200)


def _to_list(request: StaffRequest) -> HttpResponse:
    """Where schedules are listed for who looks: a bursar's clerk has jobs, and not the page of all of them."""
    if can(request.actor, Privilege.JOB_RUN):
        return redirect("fulfillment-jobs")
    return redirect(f"{reverse('jobs')}?tab=scheduled")


def _job_lines(job: Job, lines: list[ScheduleLine], actor: Actor) -> JobLines:
    mine = [each for each in lines if each.schedule.name == job.name]
    return JobLines(job, ABOUT.get(job.name, ""), OWN_PAGES.get(job.name, ""), may_run(actor, job.name), mine)


def _next_times(request: StaffRequest, form: TimesForm) -> dict[str, Any]:
    """The next times by the fields as they are, or why there are none."""
    if not form.is_bound:
        cron = form.initial["cron"]
    elif {"kind", "minute", "weekdays", "day", "time", "cron"} & set(form.errors):
        return {"times": [], "unclear": ""}
    else:
        cron = form.cron_line()
    try:
        checked = checked_cron(cron)
    except (CronNotTaken, NeverDue) as refused:
        return {"times": [], "unclear": policy_refusal(refused, request.institution)[1]}
    times = first_times(checked, TIMES_SHOWN, after=timezone.now(), zone=request.institution.zone)
    return {"times": times, "unclear": ""}
