"""E-mail receipt, beside Print after a payment (row A7)."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from amerce.access.can import can
from amerce.access.privileges import Privilege
from amerce.inputs.errors import Refused, RowNotFound
from amerce.letters.models import Letter
from amerce.letters.recipients import recipients
from amerce.letters.send_receipt import send_receipt
from amerce.patrons.models import Patron
from amerce.web.account_page import account_page, go
from amerce.web.letter_wording import REFUSALS
from amerce.web.next_page import next_page
from amerce.web.refusals import refusal
from amerce.web.request import StaffRequest


def can_email(request: StaffRequest, patron: Patron) -> bool:
    """Whether a page offers the receipt by e-mail: the patron has an address, and who looks may send."""
    if not can(request.actor, Privilege.LETTER_SEND):
        return False
    day = timezone.now().astimezone(request.institution.zone).date()
    known = recipients(request.institution.pk, [patron.pk], day)[patron.pk]
    return Letter.Channel.EMAIL in known.addresses


@require_POST
@account_page
def email_receipt(request: StaffRequest, patron: Patron, number: int) -> HttpResponse:
    back = next_page(request) or reverse("payment", args=[patron.pk, number])
    try:
        letter = send_receipt(actor=request.actor, at=timezone.now(), patron_id=patron.pk, number=number)
    except RowNotFound:
        return refusal(request, _("This patron has no such receipt."), title=_("Not found"), status=404)
    except Refused as refused:
        messages.warning(request, REFUSALS[type(refused)])
    else:
        messages.success(request, _("The receipt goes to %(address)s.") % {"address": letter.to})
    return go(request, back)
