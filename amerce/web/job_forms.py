"""The fields of a job's parameters, and the form that begins it now."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy

from amerce.jobs.errors import KeyReused
from amerce.jobs.job import Job
from amerce.web.job_wording import PARAMS, Param
from amerce.web.policy_forms import REQUIRED, PolicyForm
from amerce.web.request import StaffRequest

_BEFORE = "param_"
TEXT_LIMIT = 200


class ParamsForm(PolicyForm):
    """A form with a field for each parameter of ``job``. ``given`` are those that are filled in."""

    def __init__(
        self, request: StaffRequest, job: Job, given: dict[str, str], *, initial: dict[str, Any], stands: object = None
    ) -> None:
        self.job = job
        fields = {f"{_BEFORE}{name}": _field(job, name) for name in job.params}
        self.base_fields = {**self.base_fields, **fields}  # type: ignore[misc]
        self.FIELDS = {**self.FIELDS, **{name: f"{_BEFORE}{name}" for name in job.params}}
        filled = {f"{_BEFORE}{name}": _filled(name, text) for name, text in given.items()}
        super().__init__(request, initial={**filled, **initial}, stands=stands)

    @property
    def params(self) -> list[Any]:
        """The fields of the parameters, for the template."""
        return [self[f"{_BEFORE}{name}"] for name in self.job.params]

    def given(self) -> dict[str, str]:
        """The parameters as a command takes them; what was left empty is left out."""
        typed = {name: self.cleaned_data.get(f"{_BEFORE}{name}") for name in self.job.params}
        return {name: "yes" if each is True else str(each) for name, each in typed.items() if each}


class StartForm(ParamsForm):
    """Begin a job now. The key makes the same form one run, however often it is sent."""

    form_key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=TEXT_LIMIT // 2)

    def __init__(self, request: StaffRequest, job: Job) -> None:
        given = {name: request.GET[name] for name in job.params if name in request.GET}
        super().__init__(request, job, given, initial={"form_key": uuid4().hex})

    def refuse(self, error: Exception) -> None:
        if isinstance(error, KeyReused):  # sent once more, it is a new run
            self.data = {**self.data, "form_key": uuid4().hex}
        super().refuse(error)


def param_of(name: str) -> Param:
    return PARAMS.get(name, Param(name))


def _field(job: Job, name: str) -> forms.Field:
    param, text = param_of(name), str(job.params[name])
    about = text[:1].upper() + text[1:] + "."
    if param.is_tick:
        return forms.BooleanField(label=str(param.label), required=False)
    kind = {"type": "date"} if param.is_day else {}
    return forms.CharField(
        label=str(param.label),
        help_text=about,
        required=name in job.needed,
        max_length=TEXT_LIMIT,
        error_messages={**REQUIRED, "max_length": gettext_lazy("At most 200 characters, please.")},
        widget=forms.TextInput({**kind, "autocomplete": "off"}),
    )


def _filled(name: str, text: str) -> str | bool:
    return text == "yes" if param_of(name).is_tick else text
