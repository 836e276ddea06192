"""Which exports are asked for, as it stands in the address of the page and of its CSV file alike."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from amerce.bursar.finding import RunsAsked
from amerce.bursar.models import BursarRun
from amerce.web.forms import AmerceForm
from amerce.web.request import StaffRequest

_NO_DAY = {"invalid": gettext_lazy("This is no day.")}
_DAYS = (date(1900, 1, 1), date(2999, 12, 31))
"""Outside of them a day has no midnight in every zone."""


class _DayField(forms.DateField):
    def __init__(self, label: Any) -> None:
        widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
        super().__init__(label=label, required=False, error_messages=_NO_DAY, widget=widget)

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day and not _DAYS[0] <= day <= _DAYS[1]:
            raise forms.ValidationError(_NO_DAY["invalid"])
        return day


class RunsForm(AmerceForm):
    since = _DayField(gettext_lazy("From"))
    until = _DayField(gettext_lazy("To"))
    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[("", gettext_lazy("Every state")), *BursarRun.State.choices],
    )


@dataclass(frozen=True)
class Asked:
    """The form as it came and what of it can be taken; what cannot is said at its field and narrows nothing."""

    form: RunsForm
    runs: RunsAsked

    @classmethod
    def of(cls, request: StaffRequest) -> "Asked":
        form = RunsForm(request.GET)
        form.is_valid()
        typed = form.cleaned_data
        runs = RunsAsked(typed.get("since"), typed.get("until"), typed.get("state") or "")
        return cls(form, runs)
