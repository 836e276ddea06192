"""The tabs of a staff account: who it is, which roles it holds, what it may do."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from amerce.access.models import Account
from amerce.web.configuration import show
from amerce.web.patron_context import TabMark
from amerce.web.request import StaffRequest


def show_tab(
    request: StaffRequest, template: str, found: Account, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """The template of that name as a tab of the account ``found``."""
    chosen = request.resolver_match.url_name if request.resolver_match else ""
    tabs = [
        TabMark(name, label, reverse(name, args=[found.pk]), held, name == chosen)
        for name, label, held in (
            ("staff-account", _("Account"), 0),
            ("staff-account-roles", _("Roles"), found.roles.count()),
            ("staff-account-privileges", _("What they may do"), 0),
        )
    ]
    return show(request, template, {**context, "account": found, "tabs": tabs}, status=status)
