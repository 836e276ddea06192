"""Configuration > Staff Accounts: helping somebody in who is locked out or lost what they sign in with."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from amerce.access.privileges import Privilege
from amerce.access.queries import get_account
from amerce.access.second_factor import remove_all_factors
from amerce.access.unlock_account import unlock_account
from amerce.web.configuration import configuration_page, show
from amerce.web.request import StaffRequest


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.ACCOUNT_EDIT)
def lift_lock(request: StaffRequest, account_id: int) -> HttpResponse:
    found = get_account(request.actor, account_id)
    if request.method == "POST":
        if unlock_account(actor=request.actor, at=timezone.now(), username=found.username):
            messages.success(request, _("%(name)s can sign in again.") % {"name": found.name})
        else:
            messages.info(request, _("No sign-in of %(name)s had failed of late.") % {"name": found.name})
        return redirect("staff-account", found.pk)
    return show(request, "account_lock", {"account": found})


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.ACCOUNT_EDIT)
def remove_factors(request: StaffRequest, account_id: int) -> HttpResponse:
    """For who lost their telephone or key."""
    found = get_account(request.actor, account_id)
    if request.method == "POST":
        if remove_all_factors(actor=request.actor, at=timezone.now(), account_id=found.pk):
            messages.success(request, _("Removed. %(name)s signs in with the password alone.") % {"name": found.name})
        else:
            messages.info(request, _("%(name)s has no second factor.") % {"name": found.name})
        return redirect("staff-account", found.pk)
    return show(request, "account_factors", {"account": found})
