"""Choosing the columns of the loans: kept for the login, so they are there tomorrow and at another desk (row A6)."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from amerce.access.set_preference import set_preference
from amerce.patrons.models import Patron
from amerce.web.account_page import go
from amerce.web.loan_table import COLUMNS, PREFERENCE, chosen_columns
from amerce.web.request import StaffRequest
from amerce.web.service_page import service_page, show, way_back


@require_http_methods(["GET", "HEAD", "POST"])
@service_page
def loan_columns(request: StaffRequest, patron: Patron) -> HttpResponse:
    if request.method == "POST":
        ticked = set(request.POST.getlist("column"))
        set_preference(actor=request.actor, name=PREFERENCE, value=[each.key for each in COLUMNS if each.key in ticked])
        return go(request, way_back(request, patron))
    context: dict[str, Any] = {"columns": COLUMNS, "chosen": chosen_columns(request)}
    return show(request, patron, "web/loan_columns/_form.html", title=_("Choose columns"), context=context)
