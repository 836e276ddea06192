"""The base of every form: Bootstrap's classes, our own rendering of fields in ``<c-field>``."""

from typing import Any

from django import forms
from django.forms.renderers import DjangoTemplates

_CLASSES: dict[type[forms.Widget], str] = {
    forms.CheckboxInput: "form-check-input",
    forms.RadioSelect: "form-check-input",
    forms.CheckboxSelectMultiple: "form-check-input",
    forms.Select: "form-select",
}


class AmerceForm(forms.Form):
    """A form whose labels carry no colon and whose widgets look like ours."""

    default_renderer = DjangoTemplates

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            kind = next((each for each in _CLASSES if isinstance(field.widget, each)), None)
            field.widget.attrs.setdefault("class", _CLASSES[kind] if kind else "form-control")
