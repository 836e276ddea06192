"""The base of every form: Bootstrap's classes, our own rendering of fields in ``<c-field>``.

A form that is refused because somebody else changed the same thing says at each field what stands now.
"""

from datetime import date, time
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.utils.translation import gettext as _

from amerce.inputs.checks import can_be_seen
from amerce.institutions.models import Institution
from amerce.web.sentences import malformed
from amerce.web.templatetags.amerce import day

_CLASSES: dict[type[forms.Widget], str] = {
    forms.CheckboxInput: "form-check-input",
    forms.RadioSelect: "form-check-input",
    forms.CheckboxSelectMultiple: "form-check-input",
    forms.Select: "form-select",
}


class AmerceField(BoundField):
    """``stands_now`` is what the field would show if the page were made now; empty unless the form was told so."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        """In a form that is refused, the first field that has to change has the focus, whichever else asked for it."""
        built = super().build_widget_attrs(attrs, widget)
        form = self.form
        if isinstance(form, AmerceForm) and form.first_refused:
            built["autofocus"] = self.name == form.first_refused
        return built

    @property
    def stands_now(self) -> str:
        standing: dict[str, str] = getattr(self.form, "standing", {})
        return standing.get(self.name, "")

    @property
    def aria_describedby(self) -> str | None:
        described = super().aria_describedby
        return f"{described or ''} {self.auto_id}_now".strip() if self.stands_now else described


class AmerceForm(forms.Form):
    """A form whose labels carry no colon and whose widgets look like ours."""

    default_renderer = DjangoTemplates
    bound_field_class = AmerceField
    use_required_attribute = False  # what is missing is said by our sentences at the field, not by the browser

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.standing: dict[str, str] = {}
        for field in self.fields.values():
            if field.error_messages.get("required") is forms.Field.default_error_messages["required"]:
                field.error_messages["required"] = _("This cannot be empty.")
            if isinstance(field, forms.CharField):
                field.validators.append(_seen)
            kind = next((each for each in _CLASSES if isinstance(field.widget, each)), None)
            field.widget.attrs.setdefault("class", _CLASSES[kind] if kind else "form-control")

    @property
    def first_refused(self) -> str:
        """The name of the first field that has to change and can be changed; empty when there is none."""
        if not (self.is_bound and self.errors):
            return ""
        return next((each.name for each in self.visible_fields() if each.errors and not each.field.disabled), "")

    @property
    def is_refused_as_a_whole(self) -> bool:
        """Whether no field that could be changed is at fault, so that the sentence about the whole has the focus."""
        return bool(self.is_bound and self.errors) and not self.first_refused

    def show_what_stands(self, institution: Institution) -> None:
        """Say at each field where something else was typed what stands now, which is what the form began with.

        Why the initial values: a view reads them anew for each request, so those of a form that comes back are
        younger than those it was sent out with.
        """
        for name in self.changed_data:
            if name in self.initial and not self[name].is_hidden:
                self.standing[name] = _in_words(self[name], institution)


def _seen(text: str) -> None:
    if not can_be_seen(text):
        raise forms.ValidationError(malformed(None, None))


def _in_words(field: BoundField, institution: Institution) -> str:
    value = field.initial
    if isinstance(field.field, forms.BooleanField):
        return _("ticked") if value else _("not ticked")
    if isinstance(value, date):
        return day(value, institution)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    labels = {str(code): str(label) for code, label in getattr(field.field, "choices", ())}
    chosen = value if isinstance(value, list | tuple) else ["" if value is None else value]
    words = ", ".join(labels.get(str(each), str(each)) for each in chosen)
    return words or _("empty")
