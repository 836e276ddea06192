"""The form of a role: a tick for each privilege, and for what moves money an amount up to which it goes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.access.privileges import WITH_CEILING, Privilege
from amerce.access.save_role import CODE_LIMIT, CeilingOutOfRange, RoleSaid
from amerce.inputs.checks import NAME_LIMIT
from amerce.money.format import format_plain
from amerce.web.policy_forms import REQUIRED, ChargeField, PolicyForm
from amerce.web.privilege_wording import GROUPS, WORDS
from amerce.web.request import StaffRequest
from amerce.web.role_wording import WORDS as REFUSALS


@dataclass(frozen=True)
class FieldsOf:
    """The fields of one privilege; ``ceiling`` is None for what has none."""

    may: BoundField
    ceiling: BoundField | None


class RoleForm(PolicyForm):
    """``role`` is what the form begins with; with ``stands`` it changes that, else it makes a new one like it."""

    label = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=NAME_LIMIT,
        error_messages=REQUIRED,
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def __init__(self, request: StaffRequest, role: RoleSaid | None, *, stands: RoleSaid | None = None) -> None:
        super().__init__(request, initial=_as_typed(request, role, keeps_label=stands is not None), stands=stands)
        for privilege, words in WORDS.items():
            self.fields[_may(privilege)] = forms.BooleanField(
                label=str(words.name),
                help_text=str(words.sentence),
                required=False,
                widget=forms.CheckboxInput({"class": "form-check-input"}),
            )
            if privilege in WITH_CEILING:
                limit = ChargeField(label=gettext_lazy("Up to"), empty_minor=None)
                limit.widget.attrs["aria-label"] = _("%(privilege)s: up to") % {"privilege": words.name}
                limit.institution = request.institution
                self.fields[_ceiling(privilege)] = limit

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for each in WITH_CEILING:
            if cleaned.get(_ceiling(each)) is not None and not cleaned.get(_may(each)):
                self.add_error(_ceiling(each), _("Tick it too, or empty the amount."))
        return cleaned

    @property
    def said(self) -> RoleSaid:
        """What was typed, once the form is valid."""
        ticked = [each for each in WORDS if self.cleaned_data[_may(each)]]
        limits = {each: self.cleaned_data.get(_ceiling(each)) for each in ticked}
        return RoleSaid(label=self.cleaned_data["label"], privileges=limits)

    def groups(self) -> Iterator[tuple[str | Promise, list[FieldsOf]]]:
        for group in GROUPS:
            fields = [
                FieldsOf(self[_may(each)], self[_ceiling(each)] if each in WITH_CEILING else None)
                for each in group.privileges
            ]
            yield group.title, fields

    def refuse(self, error: Exception) -> None:
        if isinstance(error, CeilingOutOfRange):
            self.add_error(_ceiling(error.privilege), REFUSALS[CeilingOutOfRange](error, self.request.institution))
        else:
            super().refuse(error)


class NewRoleForm(RoleForm):
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=CODE_LIMIT,
        error_messages=REQUIRED,
        help_text=gettext_lazy("Small letters, digits and underscores, as in self_check. It cannot be changed later."),
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )


def _may(privilege: Privilege) -> str:
    return f"may_{privilege.name.lower()}"


def _ceiling(privilege: Privilege) -> str:
    return f"ceiling_{privilege.name.lower()}"


def _as_typed(request: StaffRequest, role: RoleSaid | None, *, keeps_label: bool) -> dict[str, Any]:
    if role is None:
        return {}
    typed: dict[str, Any] = {"label": role.label if keeps_label else ""}
    for privilege in WORDS:
        typed[_may(privilege)] = privilege in role.privileges
        ceiling_minor = role.privileges.get(privilege)
        if ceiling_minor is not None:
            typed[_ceiling(privilege)] = format_plain(ceiling_minor, request.institution.currency)
    return typed
