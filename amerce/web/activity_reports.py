"""Send Activity Report: shown on the screen first, then sent (row A8)."""

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.circulation.activity_report import activity_report, send_activity_report
from amerce.inputs.errors import Refused
from amerce.letters.recipients import recipients
from amerce.patrons.models import Patron
from amerce.web.account_page import account_page, go, show
from amerce.web.letter_wording import REFUSALS
from amerce.web.next_page import next_page
from amerce.web.request import StaffRequest

_KEY_LIMIT = 100


@require_http_methods(["GET", "HEAD", "POST"])
@account_page
def activity_report_page(request: StaffRequest, patron: Patron) -> HttpResponse:
    require(request.actor, Privilege.LETTER_SEND)
    now = timezone.now()
    error = ""
    if request.method == "POST":
        key = request.POST.get("form_key", "")[:_KEY_LIMIT] or uuid4().hex
        try:
            letter = send_activity_report(actor=request.actor, at=now, patron_id=patron.pk, form_key=key)
        except Refused as refused:
            error = str(REFUSALS[type(refused)])
        else:
            messages.success(request, _("The activity report goes to %(address)s.") % {"address": letter.to})
            return go(request, next_page(request) or reverse("patron-record", args=[patron.pk]))
    day = now.astimezone(request.institution.zone).date()
    known = recipients(request.institution.pk, [patron.pk], day)[patron.pk]
    context = {
        "report": activity_report(request.actor, patron.pk, at=now),
        "to": known.addresses.get("email", ""),
        "error": error,
        "form_key": uuid4().hex,
        "next": next_page(request) or reverse("patron-record", args=[patron.pk]),
    }
    status = 422 if error else 200
    return show(
        request, patron, "web/letters/_activity_report.html", title=_("Activity Report"), context=context, status=status
    )
