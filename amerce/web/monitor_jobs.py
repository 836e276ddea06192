"""Monitor Jobs: what is scheduled, what goes on, and what was done.

Why the page polls for small pieces of itself: what somebody reads or is about to press must not be replaced.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amerce.access.queries import names_by_login
from amerce.jobs.models import JobRun, JobSchedule
from amerce.jobs.queries import ENDED, going_on, history, schedules
from amerce.jobs.registry import jobs
from amerce.web.job_page import may_run
from amerce.web.job_progress import Progress, progress_of, taken
from amerce.web.job_wording import (
    OWN_PAGES,
    STATES,
    length_of_time,
    params_in_words,
    times_in_words,
    title_of,
    who_started,
)
from amerce.web.log_page import LogPage, number_asked
from amerce.web.patron_context import TabMark
from amerce.web.request import StaffRequest

PER_PAGE = 50
GOING_LIMIT = 100
SCHEDULED, RUNNING, HISTORY = "scheduled", "running", "history"


@dataclass(frozen=True)
class RunLine:
    """A run in words."""

    run: JobRun
    title: str
    who: str
    colour: str
    state: str
    progress: Progress
    took: str

    @property
    def money_minor(self) -> int | None:
        """How much it moved; of notifications, how much was told. None of a job that has nothing to do with money."""
        counts: dict[str, int] = self.run.counts
        return counts.get("total_minor", counts.get("told_minor"))


@dataclass(frozen=True)
class ScheduleLine:
    """A schedule in words. ``may_change`` is whether its form opens to who looks."""

    schedule: JobSchedule
    title: str
    times: str
    params: list[tuple[str, str]]
    last: tuple[str, str] | None
    may_change: bool


@require_safe
def monitor_jobs(request: StaffRequest) -> HttpResponse:
    """``?tab=`` is one of the three; without it what goes on, or else what was done. ``?poll`` is the page itself."""
    if "poll" in request.GET:
        runs = run_lines(request, list(going_on(request.actor)[:GOING_LIMIT]) + _just_ended(request))
        return render(request, "web/jobs/_poll.html", {"lines": runs})
    tabs, chosen = _tabs(request)
    context = {SCHEDULED: _scheduled, RUNNING: _running, HISTORY: _history}[chosen](request)
    return render(request, "web/jobs/monitor.html", {"tabs": tabs, "tab": chosen, **context})


def run_lines(request: StaffRequest, runs: list[JobRun]) -> list[RunLine]:
    """``runs`` in words. One query."""
    names = names_by_login(request.institution.pk, (each.started_by for each in runs))
    now = timezone.now()
    return [_run_line(each, names, now) for each in runs]


def _run_line(run: JobRun, names: dict[str, str], now: Any) -> RunLine:
    colour, state = STATES[run.state]
    length = taken(run, now)
    return RunLine(
        run,
        title_of(run.name, run),
        who_started(run.started_by, names),
        colour,
        str(state),
        progress_of(run, now),
        length_of_time(length) if length is not None else "",
    )


def schedule_lines(request: StaffRequest, found: list[JobSchedule]) -> list[ScheduleLine]:
    return [
        ScheduleLine(
            each,
            title_of(each.name, each),
            times_in_words(each.cron, request.institution),
            params_in_words(each.params, request.institution),
            (STATES[each.last_run.state][0], str(STATES[each.last_run.state][1])) if each.last_run else None,
            may_run(request.actor, each.name) and each.name not in OWN_PAGES,
        )
        for each in found
    ]


def _tabs(request: StaffRequest) -> tuple[list[TabMark], str]:
    """The tabs and the one that is shown. Two queries."""
    going = going_on(request.actor).order_by().count()
    enabled = schedules(request.actor).order_by().aggregate(n=Count("pk", filter=Q(is_enabled=True)))["n"]
    chosen = request.GET.get("tab", "")
    if chosen not in (SCHEDULED, RUNNING, HISTORY):
        chosen = RUNNING if going else HISTORY
    labels = ((SCHEDULED, _("Scheduled"), enabled), (RUNNING, _("Running"), going), (HISTORY, _("History"), 0))
    page = reverse("jobs")
    return [TabMark(key, label, f"{page}?tab={key}", held, key == chosen) for key, label, held in labels], chosen


def _scheduled(request: StaffRequest) -> dict[str, Any]:
    return {"lines": schedule_lines(request, list(schedules(request.actor)[:GOING_LIMIT]))}


def _running(request: StaffRequest) -> dict[str, Any]:
    return {"lines": run_lines(request, list(going_on(request.actor)[:GOING_LIMIT]))}


def _history(request: StaffRequest) -> dict[str, Any]:
    name, state, before = request.GET.get("job", ""), request.GET.get("state", ""), number_asked(request, "before")
    state = state if state in ENDED else ""
    name = name if name in jobs() else ""
    page = LogPage.of(history(request.actor, name=name, state=state, before_id=before), PER_PAGE, before)
    return {
        "lines": run_lines(request, page.rows),
        "jobs": [(each.name, each.title) for each in jobs().values()],
        "states": [(each, STATES[each][1]) for each in ENDED],
        "job": name,
        "state": state,
        "is_filtered": bool(name or state),
        "page": page,
    }


def _just_ended(request: StaffRequest) -> list[JobRun]:
    """Those of the runs that the page shows, by ``?run=``, that have ended since it was made."""
    shown = [int(each) for each in request.GET.getlist("run") if each.isascii() and each.isdigit()][:GOING_LIMIT]
    ids = [each for each in shown if each < 2**63]
    return list(history(request.actor).filter(pk__in=ids)) if ids else []
