"""Disputing a fee (row B8)."""

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.dispute import dispute
from amerce.charges.models import Fee
from amerce.patrons.models import Patron
from amerce.web.account_form import AccountForm
from amerce.web.account_page import fee_page, go, show, way_back
from amerce.web.request import StaffRequest


@require_http_methods(["GET", "HEAD", "POST"])
@fee_page
def dispute_fee(request: StaffRequest, patron: Patron, fee: Fee) -> HttpResponse:
    require(request.actor, Privilege.FEE_DISPUTE)
    form = AccountForm(request, patron)
    form.fields["comment"].widget.attrs["autofocus"] = True
    if form.is_bound and form.is_valid():
        outcome = form.attempt(
            dispute,
            actor=request.actor,
            at=timezone.now(),
            patron_id=patron.pk,
            fee_ids=[fee.pk],
            comment=form.cleaned_data["comment"],
        )
        if outcome:
            messages.success(request, _("The fee is in dispute now. It is frozen until it is restored or waived."))
            return go(request, way_back(request, patron))
    status = 422 if form.is_bound else 200
    context = {"form": form, "fee": fee}
    return show(request, patron, "web/disputes/_form.html", title=_("Dispute"), context=context, status=status)
