"""Configuration > API Keys: which programs read and write here, and what each may do (rows F2, G1).

Why the key stands in the answer to the form and nowhere else: it is kept as a hash, so it can be shown once.
"""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from amerce.access.api_keys import (
    CALLS_PER_SECOND,
    MOST_CALLS_PER_SECOND,
    NAME_LIMIT,
    create_api_key,
    get_api_key,
    revoke_api_key,
)
from amerce.access.api_keys import api_keys as every_key
from amerce.access.models import ApiKey
from amerce.access.privileges import Privilege
from amerce.access.queries import names_by_login
from amerce.access.scopes import SCOPES
from amerce.inputs.errors import Refused
from amerce.institutions.queries import open_libraries
from amerce.web.configuration import configuration_page, show
from amerce.web.policy_forms import REQUIRED, CountField, PolicyForm
from amerce.web.request import StaffRequest
from amerce.web.scope_wording import WORDS

_A_YEAR = timedelta(days=365)


class ApiKeyForm(PolicyForm):
    FIELDS = {"library_id": "library"}

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=NAME_LIMIT,
        error_messages=REQUIRED,
        help_text=gettext_lazy("What the program is called: it stands on every transaction that it makes."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("Scopes"),
        choices=[(scope, scope) for scope in SCOPES],
        error_messages={"required": gettext_lazy("Choose at least one.")},
        help_text=gettext_lazy("What the program may do; no more than it needs."),
        widget=forms.CheckboxSelectMultiple,
    )
    library = forms.TypedChoiceField(
        label=gettext_lazy("Library"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=gettext_lazy(
            "With a library it charges and settles the fees of that library alone and is told what is done there; "
            "jobs, bulk waiving and exports are for keys of every library."
        ),
    )
    expires_on = forms.DateField(
        label=gettext_lazy("Expires after"),
        required=False,
        help_text=gettext_lazy("The last day on which it holds. Empty: until it is revoked."),
        error_messages={"invalid": gettext_lazy("Choose a day.")},
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    calls_per_second = CountField(
        (0, MOST_CALLS_PER_SECOND),
        label=gettext_lazy("Calls per second"),
        help_text=gettext_lazy("More are refused for the rest of the second. 0: no limit."),
    )

    def __init__(self, request: StaffRequest) -> None:
        year = timezone.localdate() + _A_YEAR
        super().__init__(request, initial={"calls_per_second": CALLS_PER_SECOND, "expires_on": year})
        places = [("", _("Every library")), *((each.pk, each.name) for each in open_libraries(request.institution.pk))]
        self.fields["library"].choices = places  # type: ignore[attr-defined]

    @property
    def scope_rows(self) -> list[tuple[str, Any, bool]]:
        """Each scope, its words and whether it is ticked."""
        chosen = self["scopes"].value() or ()
        return [(scope, WORDS[scope], scope in chosen) for scope in SCOPES]


@require_safe
@configuration_page(Privilege.API_KEY_EDIT)
def api_keys(request: StaffRequest) -> HttpResponse:
    keys = every_key(request.actor)
    context = {
        "rows": [(each, _state(each), set(each.scopes) >= set(SCOPES)) for each in keys],
        "names": names_by_login(request.institution.pk, (each.revoked_by or each.created_by for each in keys)),
    }
    return show(request, "api_keys", context)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.API_KEY_EDIT)
def new_api_key(request: StaffRequest) -> HttpResponse:
    form = ApiKeyForm(request)
    if form.is_bound and form.is_valid():
        typed = dict(form.cleaned_data)
        try:
            made = create_api_key(actor=request.actor, at=timezone.now(), library_id=typed.pop("library"), **typed)
        except Refused as refused:
            form.refuse(refused)
        else:
            return show(request, "api_key_made", {"key": made.key, "name": typed["name"]})
    return show(request, "api_key_new", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.API_KEY_EDIT)
def revoke(request: StaffRequest, key_id: int) -> HttpResponse:
    key = get_api_key(request.actor, key_id)
    if request.method == "POST":
        if revoke_api_key(actor=request.actor, at=timezone.now(), key_id=key_id):
            messages.success(request, _("Revoked: %(name)s. Its next call is refused.") % {"name": key.name})
        else:
            messages.info(request, _("%(name)s was revoked before.") % {"name": key.name})
        return redirect("api-keys")
    return show(request, "api_key_revoke", {"key": key})


def _state(key: ApiKey) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires_on is not None and key.expires_on < timezone.localdate() else "holds"
