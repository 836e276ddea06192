"""What the forms of libraries, circulation desks and printers have in common (row C6)."""

from dataclasses import asdict
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from amerce.institutions.queries import libraries
from amerce.institutions.rows import CODE_LIMIT
from amerce.web.policy_forms import REQUIRED, PolicyForm
from amerce.web.request import StaffRequest


class CodeAndName(PolicyForm):
    """What all of these have; the code is closed once it is there, since other systems name it."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=CODE_LIMIT,
        error_messages=REQUIRED,
        help_text=gettext_lazy("As other systems name it. It cannot be changed later."),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=200,
        error_messages=REQUIRED,
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def __init__(self, request: StaffRequest, facts: Any, closed: tuple[str, ...] = ("code",)) -> None:
        super().__init__(request, initial=asdict(facts) if facts else {"is_active": True}, stands=facts)
        if facts:
            for name in closed:
                self.fields[name].disabled = True

    def choose_library(self, request: StaffRequest, *first: tuple[str, str]) -> None:
        places = [(each.pk, each.name) for each in libraries(request.actor.institution_id)]
        self.fields["library_id"].choices = [*first, *places]  # type: ignore[attr-defined]
