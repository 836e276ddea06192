"""The side panel of an open record: ids, group and where the patron is reached."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from amerce.patrons.models import Patron
from amerce.patrons.queries import contacts_of
from amerce.web.open_record import with_open_patron
from amerce.web.record_tabs import identifiers_tab
from amerce.web.request import StaffRequest


@require_safe
@with_open_patron
def patron_panel(request: StaffRequest, patron: Patron) -> HttpResponse:
    context = {"patron": patron, "contacts": contacts_of(request.actor, patron.pk)}
    return render(request, "web/patron/panel.html", context | identifiers_tab(request, patron))
