"""User Details: the patron record itself, read only, a page for each tab."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from amerce.patrons.models import Patron
from amerce.web.open_record import with_open_patron
from amerce.web.patron_context import patron_context
from amerce.web.request import StaffRequest
from amerce.web.tabs import DETAILS_TABS, chosen_tab


@require_safe
@with_open_patron
def user_details(request: StaffRequest, patron: Patron, section: str) -> HttpResponse:
    tab = chosen_tab(DETAILS_TABS, section)
    context = patron_context(request, patron, DETAILS_TABS, tab.key) | tab.context(request, patron)
    return render(request, "web/patron/details.html", context)
