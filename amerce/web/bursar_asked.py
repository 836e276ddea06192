"""Which exports are asked for, as it stands in the address of the page and of its CSV file alike."""

from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext_lazy

from amerce.bursar.finding import RunsAsked
from amerce.bursar.models import BursarRun
from amerce.web.forms import AmerceForm
from amerce.web.request import StaffRequest

_NO_DAY = {"invalid": gettext_lazy("This is no day.")}


class RunsForm(AmerceForm):
    since = forms.DateField(
        label=gettext_lazy("From"),
        required=False,
        error_messages=_NO_DAY,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=gettext_lazy("To"),
        required=False,
        error_messages=_NO_DAY,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
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
