"""The forms of the calendar: a closing, and the opening hours of a week (row C5)."""

from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.circulation.set_opening_hours import Said
from amerce.institutions.models import Institution
from amerce.web.policy_forms import REQUIRED, PolicyForm
from amerce.web.policy_wording import weekday
from amerce.web.request import StaffRequest

WEEKDAYS = range(7)
SPANS = (1, 2)
_DATE = {"type": "date"}
_BAD_DAY = {**REQUIRED, "invalid": gettext_lazy("Write a day, like 2026-12-24.")}
_BAD_TIME = {"invalid": gettext_lazy("Write a time, like 09:30.")}


class ClosureForm(PolicyForm):
    FIELDS = {"library": "whole"}

    first_on = forms.DateField(
        label=gettext_lazy("From"), error_messages=_BAD_DAY, widget=forms.DateInput(_DATE, format="%Y-%m-%d")
    )
    last_on = forms.DateField(
        label=gettext_lazy("Up to and including"),
        error_messages=_BAD_DAY,
        widget=forms.DateInput(_DATE, format="%Y-%m-%d"),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, error_messages=REQUIRED)
    whole = forms.BooleanField(label=gettext_lazy("Every library"), required=False)


class HoursForm(PolicyForm):
    """Two spans for each weekday; what is left empty is closed. ``TIMES`` are the names of their fields."""

    TIMES = [f"day_{number}_{edge}_{span}" for number in WEEKDAYS for span in SPANS for edge in ("opens", "closes")]

    valid_from = forms.DateField(
        label=gettext_lazy("From"),
        error_messages=_BAD_DAY,
        widget=forms.DateInput(_DATE, format="%Y-%m-%d"),
        help_text=gettext_lazy("Today or later: what was open before stays as it was."),
    )

    def __init__(self, request: StaffRequest, *, initial: dict[str, Any], stands: Said) -> None:
        super().__init__(request, initial=initial, stands=stands)
        for number in WEEKDAYS:
            for span in SPANS:
                for edge, word in (("opens", _("opens")), ("closes", _("closes"))):
                    label = _("%(weekday)s, %(edge)s") % {"weekday": weekday(number, request.institution), "edge": word}
                    self.fields[f"day_{number}_{edge}_{span}"] = forms.TimeField(
                        label=label,
                        required=False,
                        error_messages=_BAD_TIME,
                        widget=forms.TimeInput(
                            {"type": "time", "class": "form-control", "aria-label": label}, format="%H:%M"
                        ),
                    )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        for number in WEEKDAYS:
            for span in SPANS:
                names = [f"day_{number}_{edge}_{span}" for edge in ("opens", "closes")]
                missing = [each for each in names if typed.get(each) is None and each not in self.errors]
                if len(missing) == 1:
                    self.add_error(missing[0], _("Type both times, or leave both empty."))
        return typed

    def show_what_stands(self, institution: Institution) -> None:
        """The day from which they hold is no news: the page proposes today."""
        super().show_what_stands(institution)
        self.standing.pop("valid_from", None)

    def refuse(self, error: Exception) -> None:
        number = getattr(error, "weekday", None)
        if number is None:
            super().refuse(error)
        else:
            self.FIELDS = {f"day_{number}": f"day_{number}_opens_1"}
            super().refuse(error)

    def week(self) -> dict[int, list[tuple[time, time]]]:
        """What was typed, once the form is valid."""
        week: dict[int, list[tuple[time, time]]] = {each: [] for each in WEEKDAYS}
        for number in WEEKDAYS:
            for span in SPANS:
                opens = self.cleaned_data[f"day_{number}_opens_{span}"]
                if opens is not None:
                    week[number].append((opens, self.cleaned_data[f"day_{number}_closes_{span}"]))
        return week

    @property
    def days(self) -> list[tuple[str, list[Any]]]:
        """Name and fields of each weekday, for the page."""
        return [
            (
                weekday(number, self.request.institution),
                [self[f"day_{number}_{edge}_{span}"] for span in SPANS for edge in ("opens", "closes")],
            )
            for number in WEEKDAYS
        ]
