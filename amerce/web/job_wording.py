"""The words of jobs: what each does, its parameters, when a schedule begins it, and how long a run takes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any

from babel.dates import format_time
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amerce.institutions.models import Institution
from amerce.jobs.due import SCHEDULE
from amerce.jobs.job import HasSubject
from amerce.jobs.models import JobRun, RunEventRow
from amerce.jobs.registry import jobs
from amerce.letters.kinds import LetterKind
from amerce.letters.models import Letter
from amerce.web.policy_wording import weekday
from amerce.web.rhythm import Kind, Rhythm
from amerce.web.templatetags.amerce import day

ABOUT: dict[str, str | Promise] = {
    "overdue-fines": gettext_lazy("Charges what loans that are out and late cost by that day."),
    "lost-loans": gettext_lazy("Makes lost what is late for as many days as its terms of use say."),
    "overdue-notices": gettext_lazy("Sends the overdue notices that are due, and charges their fees."),
    "recalculate-overdue-fines": gettext_lazy("Takes back the fines of a closing that was entered afterwards."),
    "bulk-fine-waiving": gettext_lazy("Waives what many patrons owe, by criteria or by a list."),
    "undo-bulk-fine-waiving": gettext_lazy("Takes back what a run of Bulk Fine Waiving waived."),
    "fines-fees-notifications": gettext_lazy("Tells patrons what they owe, by the notification profiles."),
    "bursar-export": gettext_lazy("Hands what a bursar profile chooses over to the bursar, as a file."),
    "bursar-import": gettext_lazy("Books what was paid at the bursar, from the files that came back, or checks them."),
    "bursar-undo": gettext_lazy("Takes back an export that was never delivered."),
    "bursar-undo-import": gettext_lazy("Takes back what an import from the bursar booked."),
    "print-letters": gettext_lazy("Makes files of the letters that wait to be printed, printer by printer."),
    "send-letters-again": gettext_lazy("Hands over once more the letters that did not go, as they are."),
    "balance-blocks": gettext_lazy("Tells other systems whom what they owe blocks since today, and whom no more."),
    "anonymise-loans": gettext_lazy("Takes the patron off returns and closed requests that are old enough."),
    "purge-returns": gettext_lazy("Removes returns and closed requests that are old enough; fees and money stay."),
    "ledger-digest": gettext_lazy("Adds a line over the heads of all accounts to the file of digests."),
}
"""What each job does. A job that is not here says nothing of itself."""

OWN_PAGES: dict[str, str] = {
    "recalculate-overdue-fines": "calendar",
    "bulk-fine-waiving": "bulk-waiving",
    "undo-bulk-fine-waiving": "bulk-waivers",
    "bursar-undo": "bursar",
    "send-letters-again": "letters",
    "bursar-undo-import": "bursar-files",
}
"""Jobs that are begun on a page of their own, by its url name: they are neither run nor scheduled by a general form."""


@dataclass(frozen=True)
class Param:
    """How a parameter is asked for: its label, and whether it is a day or a tick rather than a text. A code that has
    a word in ``words`` is shown by it.
    """

    label: str | Promise
    is_day: bool = False
    is_tick: bool = False
    words: Mapping[str, str | Promise] = field(default_factory=dict)


PARAMS: dict[str, Param] = {
    "as_of": Param(gettext_lazy("As of"), is_day=True),
    "scheduled": Param(gettext_lazy("Only if fines are charged every night"), is_tick=True),
    "days": Param(gettext_lazy("Days")),
    "dry_run": Param(gettext_lazy("Only say what would be done"), is_tick=True),
    "before": Param(gettext_lazy("Before"), is_day=True),
    "profile": Param(gettext_lazy("Profile")),
    "upload": Param(gettext_lazy("Uploaded file")),
    "kept": Param(gettext_lazy("Kept file")),
    "check": Param(gettext_lazy("Check only"), is_tick=True),
    "export": Param(gettext_lazy("Export number")),
    "import": Param(gettext_lazy("Import number")),
    "waiver": Param(gettext_lazy("Bulk waiver")),
    "closure": Param(gettext_lazy("Closing")),
    "printer": Param(gettext_lazy("Printer")),
    "state": Param(gettext_lazy("Status"), words=dict(Letter.State.choices)),
    "kind": Param(gettext_lazy("Letter"), words=dict(LetterKind.choices)),
    "waits_for_return": Param(gettext_lazy("Left to returns and renewals"), is_tick=True),
}
"""The parameters of all jobs, and what a run keeps of them, by name."""

STILL_OPEN = gettext_lazy("This was asked for before and has not ended, so nothing was begun now. This is that run.")

STATES: dict[str, tuple[str, str | Promise]] = {
    JobRun.State.QUEUED: ("quiet", gettext_lazy("Waiting")),
    JobRun.State.RUNNING: ("active", gettext_lazy("Running")),
    JobRun.State.DONE: ("good", gettext_lazy("Completed")),
    JobRun.State.FAILED: ("stop", gettext_lazy("Failed")),
    JobRun.State.CANCELLED: ("attention", gettext_lazy("Cancelled")),
}
"""The colour and the word of each state of a run."""

LEVELS: dict[str, tuple[str, str | Promise, str | Promise]] = {
    RunEventRow.Level.INFO: ("quiet", gettext_lazy("Done"), gettext_lazy("Done")),
    RunEventRow.Level.WARNING: ("attention", gettext_lazy("Warning"), gettext_lazy("Warnings")),
    RunEventRow.Level.ERROR: ("stop", gettext_lazy("Error"), gettext_lazy("Errors")),
}
"""The colour of each level of a report, its word for one line and for several."""


def title_of(name: str, run: HasSubject) -> str:
    """What a run or a schedule of the job ``name`` is called; one that is not there any more has only its name."""
    job = jobs().get(name)
    return job.title_of(run) if job else name


def who_started(started_by: str, names: Mapping[str, str]) -> str:
    """The name of whoever started a run."""
    return _("Schedule") if started_by == SCHEDULE else names.get(started_by, started_by)


def who_in_words(name: str) -> str:
    """Who did something, by the name that is kept of them: a job by its title, the schedule as such."""
    job = jobs().get(name.removeprefix("job ")) if name.startswith("job ") else None
    return str(job.title) if job else who_started(name, {})


def params_in_words(params: Mapping[str, Any], institution: Institution) -> list[tuple[str, str]]:
    """Label and value of each parameter of a run or a schedule; one that was left empty says nothing."""
    return [
        (str(PARAMS[name].label) if name in PARAMS else name, _value(name, value, institution))
        for name, value in params.items()
        if value not in ("", None)
    ]


def _value(name: str, value: Any, institution: Institution) -> str:
    param = PARAMS.get(name)
    if param and param.is_tick:
        return _("yes") if value in (True, "yes") else _("no")
    if param and param.is_day:
        try:
            return day(date.fromisoformat(str(value)), institution)
        except ValueError:
            pass
    return str(param.words.get(value, value) if param else value)


def times_in_words(cron: str, institution: Institution) -> str:
    """When a schedule begins its job: ``Every day at 12:10 AM``. A cron line of no plain kind says itself."""
    rhythm = Rhythm.of(cron)
    at = format_time(time(rhythm.hour, rhythm.minute), "short", locale=institution.locale)
    match rhythm.kind:
        case Kind.HOURLY:
            return _("Every hour at %(minute)s minutes past") % {"minute": rhythm.minute}
        case Kind.DAILY:
            return _("Every day at %(time)s") % {"time": at}
        case Kind.WEEKLY:
            days = ", ".join(weekday(each, institution) for each in rhythm.weekdays)
            return _("Every week on %(days)s at %(time)s") % {"days": days, "time": at}
        case Kind.MONTHLY:
            return _("Every month on day %(day)s at %(time)s") % {"day": rhythm.day, "time": at}
    return _("At the times of %(cron)s") % {"cron": cron}


def length_of_time(length: timedelta) -> str:
    """``2 hours 5 minutes``, ``40 seconds``: the two largest units, for how long a run takes."""
    seconds = max(int(length.total_seconds()), 0)
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    in_hours = ngettext("%(number)s hour", "%(number)s hours", hours) % {"number": hours}
    in_minutes = ngettext("%(number)s minute", "%(number)s minutes", minutes) % {"number": minutes}
    if hours:
        return _("%(hours)s %(minutes)s") % {"hours": in_hours, "minutes": in_minutes} if minutes else in_hours
    if minutes:
        return in_minutes
    if not seconds:
        return _("less than a second")
    return ngettext("%(number)s second", "%(number)s seconds", seconds) % {"number": seconds}
