"""Manage Patron Services: scanning an ID or finding a patron, and the open record (rows A2-A4, A9, F3)."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amerce.access.can import can
from amerce.access.privileges import Privilege
from amerce.patrons.models import Patron
from amerce.patrons.queries import find_by_identifier, find_by_name
from amerce.web.open_record import with_open_patron
from amerce.web.patron_context import patron_context
from amerce.web.request import StaffRequest
from amerce.web.tabs import SERVICES_TABS, chosen_tab

SUGGEST_FROM_LETTERS = 2


@require_http_methods(["GET", "HEAD", "POST"])
def scan(request: StaffRequest) -> HttpResponse:
    """The scan page. ``typed`` opens the one patron it finds; ``patron`` says which when it finds several."""
    if request.method != "POST":
        return render(request, "web/patron_services.html")
    typed = request.POST.get("typed", "").strip()
    if not typed:
        return _again(request, typed, _("Scan or type an ID."))
    found = _matches(request, typed)
    chosen = _chosen(found, request.POST.get("patron"))
    if chosen:
        request.open_records.open(chosen.pk, timezone.now())
        return redirect("patron-record", chosen.pk)
    if found:
        return render(request, "web/patron_services.html", {"typed": typed, "found": found})
    by_name = can(request.actor, Privilege.PATRON_FIND_BY_NAME)
    none = _("No patron has the id or name “%(typed)s”.") if by_name else _("No patron has the id %(typed)s.")
    return _again(request, typed, none % {"typed": typed})


@require_POST
def suggestions(request: StaffRequest) -> HttpResponse:
    """Patrons whose name begins so, for those with the clearance. A POST, so that no log of URLs keeps names."""
    typed = request.POST.get("typed", "").strip()
    found = find_by_name(request.actor, typed) if len(typed) >= SUGGEST_FROM_LETTERS else []
    return render(request, "web/_suggestions.html", {"found": found})


@require_safe
@with_open_patron
def record_page(request: StaffRequest, patron: Patron) -> HttpResponse:
    """The open record with one of its tabs. htmx gets the tabs alone."""
    tab = chosen_tab(SERVICES_TABS, request.GET.get("tab", ""))
    context = patron_context(request, patron, SERVICES_TABS, tab.key) | tab.context(request, patron)
    alone = request.htmx and request.htmx.target == "record-tabs"
    return render(request, "web/patron/_services_tabs.html" if alone else "web/patron/services.html", context)


@require_POST
@with_open_patron
def stay(request: StaffRequest, patron: Patron) -> HttpResponse:
    """The operator still works on the record; ``with_open_patron`` has renewed it."""
    return HttpResponse(status=204)


@require_POST
def done(request: StaffRequest, patron_id: int) -> HttpResponse:
    request.open_records.leave(patron_id, timezone.now())
    return redirect("patron-services")


def _matches(request: StaffRequest, typed: str) -> list[Patron]:
    return find_by_identifier(request.actor, typed) or find_by_name(request.actor, typed)


def _chosen(found: list[Patron], patron_id: str | None) -> Patron | None:
    """Only one of those found may be opened: whoever may not search by name cannot open by number either."""
    if patron_id:
        return next((each for each in found if str(each.pk) == patron_id), None)
    return found[0] if len(found) == 1 else None


def _again(request: StaffRequest, typed: str, error: str) -> HttpResponse:
    return render(request, "web/patron_services.html", {"typed": typed, "error": error}, status=422)
