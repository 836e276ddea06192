"""Acting for somebody else: the proxy whose card was scanned borrows on the record of the other (row F1)."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from amerce.patrons.models import Patron
from amerce.patrons.queries import proxy_for
from amerce.web.account_form import ids_of
from amerce.web.open_record import with_open_patron
from amerce.web.refusals import refusal
from amerce.web.request import StaffRequest


@require_POST
@with_open_patron
def act_for(request: StaffRequest, patron: Patron) -> HttpResponse:
    """POST ``patron`` opens the record of somebody for whom this one may borrow, and remembers who came."""
    chosen = proxy_for(request.actor, patron.pk).filter(patron__in=ids_of([request.POST.get("patron", "")])).first()
    if chosen is None:
        sentence = _("%(name)s is no proxy of this patron.") % {"name": patron.display_name}
        return refusal(request, sentence, title=_("Not found"), status=404)
    request.open_records.open(chosen.patron_id, timezone.now(), proxy_id=patron.pk)
    return redirect("patron-record", chosen.patron_id)
