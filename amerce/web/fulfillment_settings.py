"""Configuration > Fulfillment Settings: what holds for the whole institution (rows A11, C5)."""

from dataclasses import asdict, replace

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from amerce.access.privileges import Privilege
from amerce.circulation.change_settings import CHANGED, Settings, change_settings, settings_of
from amerce.circulation.configuring import can_configure
from amerce.institutions.defaults import default_settings
from amerce.web.change_history import changes_for
from amerce.web.configuration import configuration_page, show
from amerce.web.policy_forms import PolicyForm
from amerce.web.request import StaffRequest
from amerce.web.saving import tell_saved


class SettingsForm(PolicyForm):
    accrues_nightly = forms.BooleanField(
        label=gettext_lazy("Charge overdue fines every night"),
        required=False,
        help_text=gettext_lazy("Otherwise a fine is charged when the item is returned or renewed. Default: off."),
    )
    overdue_at_lost_loan = forms.BooleanField(
        label=gettext_lazy("Keep the overdue fine when an item becomes lost"),
        required=False,
        help_text=gettext_lazy("Otherwise it is taken back. Default: off."),
    )
    close_paid_lost_loan = forms.BooleanField(
        label=gettext_lazy("Close a lost loan once all it cost is settled"),
        required=False,
        help_text=gettext_lazy("Paid, waived or exported: the loan leaves the patron's list. Default: on."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.FULFILLMENT_CONFIGURE)
def fulfillment_settings(request: StaffRequest) -> HttpResponse:
    stands = settings_of(request.institution)
    form = SettingsForm(request, initial=asdict(stands), stands=stands)
    may_change = offer_or_close(request, form)
    if are_saved(request, form, stands, _("Saved. The settings hold from now on.")):
        return redirect("fulfillment-settings")
    changes = changes_for(request, form, CHANGED, only=form.fields)
    context = {"form": form, "changes": changes, "may_change": may_change}
    return show(request, "settings", context, status=422 if form.errors else 200)


def offer_or_close(request: StaffRequest, form: PolicyForm) -> bool:
    """Whether the person may change the settings: they are offered the defaults, others a form that is closed."""
    may_change = can_configure(request.actor)
    if may_change:
        form.offer_defaults(default_settings(request.institution))
    else:
        form.close()
    return may_change


def are_saved(request: StaffRequest, form: PolicyForm, stands: Settings, done: str) -> bool:
    """Whether a form that was sent went through; ``done`` is said then. If not, its refusal stands at its field."""
    if not (form.is_sent() and form.attempt(change_settings, settings=replace(stands, **form.cleaned_data))):
        return False
    tell_saved(request, done, is_changed=form.answer)
    return True
