"""Requests of a patron: finding an item and placing one, and giving it up with a word to the patron (row A12)."""

from typing import Any

from babel.numbers import format_decimal
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from amerce.access.can import can, require
from amerce.access.privileges import Privilege
from amerce.circulation.blocks import PatronBlocked
from amerce.circulation.cancel_request import CancelledRequest, cancel_request
from amerce.circulation.place_request import PlacedRequest, place_request
from amerce.circulation.queries import find_items, get_request
from amerce.institutions.queries import open_libraries
from amerce.patrons.models import Patron
from amerce.web.account_form import ids_of
from amerce.web.account_page import go
from amerce.web.forms import AmerceForm
from amerce.web.loan_wording import LOAN_REFUSALS, refusal_of
from amerce.web.request import StaffRequest
from amerce.web.service_page import service_page, show, way_back
from amerce.web.templatetags.amerce import moment

FOUND_SHOWN = 10


class CancelForm(AmerceForm):
    note = forms.CharField(
        label=gettext_lazy("Note to the patron"),
        required=False,
        widget=forms.Textarea({"rows": 2, "autocomplete": "off", "autofocus": True}),
    )
    notify = forms.BooleanField(label=gettext_lazy("Notify the user"), required=False, initial=True)


@require_http_methods(["GET", "HEAD", "POST"])
@service_page
def new_request(request: StaffRequest, patron: Patron) -> HttpResponse:
    """GET ``?q=`` finds items by barcode or title; POST ``barcode`` and ``pickup`` places the request."""
    require(request.actor, Privilege.REQUEST_PLACE)
    if request.method != "POST":
        return _form(request, patron, request.GET.get("q", "").strip())
    barcode, pickup = request.POST.get("barcode", ""), _pickup(request)
    if not barcode or not pickup:
        return _form(request, patron, request.POST.get("q", ""), sentence=_("Choose an item and a library."))
    try:
        placed = place_request(
            actor=request.actor,
            at=timezone.now(),
            patron_id=patron.pk,
            barcode=barcode,
            pickup_library_id=pickup[0],
            override_reason=request.POST.get("override_reason", "").strip(),
            proxy_id=request.open_record.proxy_id,
        )
    except LOAN_REFUSALS as error:
        may_override = isinstance(error, PatronBlocked) and can(request.actor, Privilege.BLOCK_OVERRIDE)
        sentence = refusal_of(error, request.institution).sentence
        return _form(
            request, patron, request.POST.get("q", "") or barcode, sentence=sentence, may_override=may_override
        )
    messages.success(request, _placed(request, placed))
    return go(request, way_back(request, patron, "requests"))


@require_http_methods(["GET", "HEAD", "POST"])
@service_page
def request_cancel(request: StaffRequest, patron: Patron, request_id: int) -> HttpResponse:
    require(request.actor, Privilege.REQUEST_CANCEL)
    waiting = get_request(request.actor, patron.pk, request_id)
    form = CancelForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form, "waiting": waiting}
    if form.is_bound and form.is_valid():
        try:
            cancelled = cancel_request(
                actor=request.actor,
                at=timezone.now(),
                patron_id=patron.pk,
                request_id=waiting.pk,
                note=form.cleaned_data["note"],
                notify=form.cleaned_data["notify"],
            )
        except LOAN_REFUSALS as error:
            context["sentence"] = refusal_of(error, request.institution).sentence
        else:
            messages.success(request, _cancelled(request, cancelled))
            return go(request, way_back(request, patron, "requests"))
    return show(
        request,
        patron,
        "web/requests/_cancel.html",
        title=_("Cancel request"),
        context=context,
        tab="requests",
        status=422 if form.is_bound else 200,
    )


def _placed(request: StaffRequest, placed: PlacedRequest) -> str:
    if placed.recalled_due_at is None:
        return _("The request is placed. It waits in the queue at place %(place)s.") % {
            "place": format_decimal(placed.place, locale=request.institution.locale)
        }
    return _("The request is placed. The copy on loan was recalled and is now due %(due)s.") % {
        "due": moment(placed.recalled_due_at, request.institution)
    }


def _cancelled(request: StaffRequest, cancelled: CancelledRequest) -> str:
    if cancelled.restored_due_at is None:
        return _("The request is cancelled.")
    return _("The request is cancelled. The copy on loan is no longer recalled and is due %(due)s again.") % {
        "due": moment(cancelled.restored_due_at, request.institution)
    }


def _pickup(request: StaffRequest) -> list[int]:
    return ids_of(request.POST.getlist("pickup")[:1])


def _form(
    request: StaffRequest, patron: Patron, q: str, *, sentence: str = "", may_override: bool = False
) -> HttpResponse:
    found = find_items(request.actor, q, FOUND_SHOWN + 1) if q else []
    shown = found[:FOUND_SHOWN]
    chosen = request.POST.get("barcode") or (shown[0].barcode if len(shown) == 1 else "")
    context = {
        "q": q,
        "found": shown,
        "has_more": len(found) > FOUND_SHOWN,
        "nothing": _("No item has the barcode or title “%(typed)s”.") % {"typed": q} if q and not found else "",
        "barcode": chosen,
        "libraries": open_libraries(request.actor.institution_id),
        "pickup_id": next(iter(_pickup(request)), request.actor.library_id),
        "sentence": sentence,
        "may_override": may_override,
    }
    status = 422 if sentence else 200
    title = _("Place request")
    return show(request, patron, "web/requests/_form.html", title=title, context=context, tab="requests", status=status)
