"""Configuration > Sign-In: which roles have to show a second factor."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from amerce.access.privileges import NOT_STAFF, Privilege
from amerce.access.roles import roles_of
from amerce.access.sign_in_settings import SettingsSaid, save_sign_in_settings, sign_in_settings
from amerce.web.change_history import changes_for
from amerce.web.configuration import configuration_page, show
from amerce.web.policy_forms import CHOOSE, PolicyForm
from amerce.web.request import StaffRequest
from amerce.web.saving import tell_saved
from amerce.web.sign_in_adapter import MUST, duties_of


class SignInRulesForm(PolicyForm):
    second_factor_roles = forms.MultipleChoiceField(
        label=gettext_lazy("Roles that need a second factor"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages=CHOOSE,
        help_text=gettext_lazy(
            "Who holds one of these and has no second factor is signed out, sets up an authenticator app or a security "
            "key at the next sign-in, and gets nowhere else before. Who comes by single sign-on is asked for it there. "
            "Default: none."
        ),
    )

    def __init__(self, request: StaffRequest) -> None:
        stands = sign_in_settings(request.institution.pk)
        super().__init__(request, initial={"second_factor_roles": list(stands.second_factor_roles)}, stands=stands)
        roles = roles_of(request.institution.pk)
        choices = [(code, role.label) for code, role in roles.items() if code not in NOT_STAFF]
        self.fields["second_factor_roles"].choices = choices  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.ROLE_EDIT)
def sign_in_rules(request: StaffRequest) -> HttpResponse:
    form = SignInRulesForm(request)
    if form.is_sent():
        said = SettingsSaid(tuple(sorted(form.cleaned_data["second_factor_roles"])))
        if form.attempt(save_sign_in_settings, settings=said):
            request.session[MUST] = duties_of(request, request.user)
            done = _("Saved. It holds now: who needs a second factor and has none was signed out.")
            tell_saved(request, done, is_changed=form.answer)
            return redirect("sign-in-rules")
    changes = changes_for(request, form, "sign_in_settings.changed", row=request.institution.pk)
    return show(request, "sign_in_rules", {"form": form, "changes": changes}, status=422 if form.errors else 200)
