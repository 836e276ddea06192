"""Checking out: an item's barcode scanned on the Loans tab (row A10). What else a scan may be is in ``scans``."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from amerce.access.can import can, require
from amerce.access.privileges import Privilege
from amerce.circulation.blocks import PatronBlocked
from amerce.circulation.checkout import checkout
from amerce.circulation.errors import ItemNotFound
from amerce.circulation.outcome import LoanOutcome
from amerce.circulation.queries import get_loan
from amerce.circulation.standing import standing_of
from amerce.patrons.models import Patron
from amerce.web.loan_wording import LOAN_REFUSALS, refusal_of
from amerce.web.loans import loans
from amerce.web.patron_context import patron_context
from amerce.web.request import StaffRequest
from amerce.web.scans import open_record_of, patron_of_card, scanned_from_anywhere
from amerce.web.service_page import service_page
from amerce.web.tabs import SERVICES_TABS


@dataclass(frozen=True)
class Lent:
    """What was lent just now, for the line under the field."""

    loan_id: int
    title: str
    due_at: datetime
    terms_name: str


@dataclass(frozen=True)
class Refused:
    """Why not, at the field. ``may_override`` offers to say a reason."""

    barcode: str
    sentence: str
    may_override: bool = False
    reason: str = ""


@require_POST
@service_page
def checkouts(request: StaffRequest, patron: Patron) -> HttpResponse:
    """POST ``barcode`` lends the item; ``override_reason`` says why in spite of a block."""
    require(request.actor, Privilege.LOAN_CHECKOUT)
    barcode = request.POST.get("barcode", "").strip()
    if not barcode:
        return _tab(request, patron, refused=Refused("", _("Scan or type the barcode of the item.")))
    if scanned_from_anywhere(request) and (card := patron_of_card(request, barcode)):
        return open_record_of(request, card)
    reason = request.POST.get("override_reason", "").strip()
    try:
        outcome = checkout(
            actor=request.actor,
            at=timezone.now(),
            patron_id=patron.pk,
            barcode=barcode,
            override_reason=reason,
            proxy_id=request.open_record.proxy_id,
        )
    except ItemNotFound as error:
        if card := patron_of_card(request, barcode):
            return open_record_of(request, card)
        return _refuse(request, patron, barcode, error)
    except LOAN_REFUSALS as error:
        return _refuse(request, patron, barcode, error, reason)
    return _done(request, patron, outcome)


def _refuse(request: StaffRequest, patron: Patron, barcode: str, error: Exception, reason: str = "") -> HttpResponse:
    sentence = refusal_of(error, request.institution).sentence
    may_override = isinstance(error, PatronBlocked) and can(request.actor, Privilege.BLOCK_OVERRIDE)
    return _tab(request, patron, refused=Refused(barcode, sentence, may_override, reason))


def _done(request: StaffRequest, patron: Patron, outcome: LoanOutcome) -> HttpResponse:
    loan = get_loan(request.actor, patron.pk, outcome.loan_id)
    standing = standing_of(request.actor, request.institution, [loan], at=timezone.now())[loan.pk]
    lent = Lent(loan.pk, loan.item.title, loan.due_at, standing.terms_name)
    if request.htmx:
        return _tab(request, patron, lent=lent)
    messages.success(request, _("Lent: %(title)s.") % {"title": lent.title})
    return redirect("patron-record", patron.pk)


def _tab(request: StaffRequest, patron: Patron, **said: Any) -> HttpResponse:
    """The tab Loans of this session with what was ``said`` at its field."""
    context = patron_context(request, patron, SERVICES_TABS, "loans") | loans(request, patron) | said
    template = "web/patron/_services_tabs.html" if request.htmx else "web/patron/services.html"
    return render(request, template, context, status=422 if "refused" in said else 200)
