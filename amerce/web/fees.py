"""User Details, tab Fines/Fees: the balances and the list (rows B1, B2)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amerce.patrons.models import Patron
from amerce.web.account_page import account_page
from amerce.web.fee_list import fee_list
from amerce.web.patron_context import patron_context
from amerce.web.request import StaffRequest
from amerce.web.tabs import DETAILS_TABS


@require_safe
@account_page
def fees(request: StaffRequest, patron: Patron) -> HttpResponse:
    shown = fee_list(request, patron)
    for ignored in shown.ignored:
        messages.warning(
            request,
            format_lazy(_("“{part}” has a value that does not exist and was left out."), part=ignored),
        )
    context = patron_context(request, patron, DETAILS_TABS, "fees")
    return render(request, "web/fees.html", context | {"list": shown, "table": shown.table})
