"""The form of a schedule: how often in plain words, or as a cron line, and the job's parameters."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.inputs.stamp import stamp_of
from amerce.institutions.models import Institution
from amerce.jobs.cron import CRON_LIMIT
from amerce.jobs.job import Job
from amerce.jobs.models import JobSchedule
from amerce.jobs.schedule_facts import ScheduleFacts
from amerce.web.job_forms import ParamsForm
from amerce.web.policy_forms import CountField
from amerce.web.policy_wording import weekday
from amerce.web.request import StaffRequest
from amerce.web.rhythm import LAST_DAY, Kind, Rhythm

_NIGHT = "10 0 * * *"
_NEEDS = {
    Kind.HOURLY: ("minute",),
    Kind.DAILY: ("time",),
    Kind.WEEKLY: ("weekdays", "time"),
    Kind.MONTHLY: ("day", "time"),
    Kind.CRON: ("cron",),
}
"""The fields that a kind is made of; the others are hidden and not looked at."""
_MISSING = {
    "minute": gettext_lazy("A whole number from 0 to 59."),
    "time": gettext_lazy("A time of the day like 00:10."),
    "weekdays": gettext_lazy("Choose one day at least."),
    "day": gettext_lazy("A whole number from 1 to 28."),
    "cron": gettext_lazy("This cannot be empty."),
}


class TimesForm(forms.Form):
    """When a job begins. Only what its kind needs is asked."""

    kind = forms.ChoiceField(
        label=gettext_lazy("How often"),
        choices=[
            (Kind.HOURLY.value, gettext_lazy("Every hour")),
            (Kind.DAILY.value, gettext_lazy("Every day or night")),
            (Kind.WEEKLY.value, gettext_lazy("Every week")),
            (Kind.MONTHLY.value, gettext_lazy("Every month")),
            (Kind.CRON.value, gettext_lazy("By a cron line")),
        ],
        widget=forms.RadioSelect({"class": "choices"}),
        error_messages={"required": gettext_lazy("Choose one."), "invalid_choice": gettext_lazy("Choose one.")},
    )
    minute = CountField((0, 59), label=gettext_lazy("Minutes past the hour"), required=False)
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("On"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple({"class": "choices"}),
        error_messages={"invalid_choice": _MISSING["weekdays"]},
    )
    day = CountField(
        (1, LAST_DAY),
        label=gettext_lazy("On day"),
        required=False,
        help_text=gettext_lazy("1 to 28, which every month has."),
    )
    time = forms.TimeField(
        label=gettext_lazy("At"),
        required=False,
        help_text=gettext_lazy("On the clocks of the institution."),
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        error_messages={"invalid": _MISSING["time"]},
    )
    cron = forms.CharField(
        label=gettext_lazy("Cron line"),
        required=False,
        max_length=CRON_LIMIT,
        help_text=gettext_lazy("Minute, hour, day of the month, month, weekday: 0 6 * * MON-FRI."),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "class": "form-control code"}),
        error_messages={"max_length": gettext_lazy("At most 100 characters, please.")},
    )

    def name_days(self, institution: Institution) -> None:
        days = [(each, weekday(each, institution)) for each in range(7)]
        self.fields["weekdays"].choices = days  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Only the fields of the chosen kind count: an error in a hidden one would be seen by nobody."""
        typed = super().clean() or {}
        needed = _NEEDS.get(typed.get("kind", ""), ())
        for name in {each for fields in _NEEDS.values() for each in fields} - set(needed):
            self.errors.pop(name, None)
        for name in needed:
            if name not in self.errors and typed.get(name) in (None, "", []):
                self.add_error(name, _MISSING[name])
        return typed

    def cron_line(self) -> str:
        typed = self.cleaned_data
        time = typed.get("time")
        kind = Kind(typed["kind"])
        return Rhythm(
            kind=kind,
            minute=typed["minute"] if kind is Kind.HOURLY else time.minute if time else 0,
            hour=time.hour if time else 0,
            day=typed.get("day") or 1,
            weekdays=tuple(typed.get("weekdays") or ()),
            cron=typed.get("cron") or "",
        ).as_cron()


class ScheduleForm(TimesForm, ParamsForm):
    is_enabled = forms.BooleanField(label=gettext_lazy("Enabled"), required=False)

    def __init__(self, request: StaffRequest, job: Job, schedule: JobSchedule | None) -> None:
        stands = ScheduleFacts.of(schedule) if schedule else None
        given = stands.params if stands else {name: request.GET[name] for name in job.params if name in request.GET}
        rhythm = Rhythm.of(schedule.cron if schedule else _NIGHT)
        initial = {**_typed(rhythm), "is_enabled": stands.is_enabled if stands else True}
        super().__init__(request, job, dict(given), initial=initial, stands=stands)
        self.name_days(request.institution)

    def facts(self) -> ScheduleFacts:
        return ScheduleFacts(
            job=self.job.name,
            cron=self.cron_line(),
            params=self.given(),
            is_enabled=self.cleaned_data["is_enabled"],
        )


def stamp_for(schedule: JobSchedule) -> str:
    return stamp_of(ScheduleFacts.of(schedule))


def _typed(rhythm: Rhythm) -> dict[str, Any]:
    return {
        "kind": rhythm.kind.value,
        "minute": rhythm.minute,
        "weekdays": list(rhythm.weekdays),
        "day": rhythm.day,
        "time": f"{rhythm.hour:02}:{rhythm.minute:02}",
        "cron": rhythm.cron,
    }


def words_of_facts() -> dict[str, Any]:
    """The facts of a schedule that are no field of the form, for its changes."""
    return {
        "job": (_("Job"), str),
        "cron": (_("Cron line"), str),
        "params": (_("Parameters"), lambda given: ", ".join(f"{name}={text}" for name, text in given.items()) or "–"),
    }
