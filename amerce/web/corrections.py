"""Taking back a mistaken transaction, one line or the whole payment (row B9)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.correct import CORRECTABLE, correct
from amerce.charges.errors import TransferNotFound
from amerce.charges.models import Fee
from amerce.charges.queries import history, receipt
from amerce.patrons.models import Patron
from amerce.web.account_form import AccountForm, ids_of
from amerce.web.account_page import fee_page, go, show
from amerce.web.request import StaffRequest
from amerce.web.wording import KINDS

WHOLE = "payment"

_SETTLED_IS_OPEN = gettext_lazy("The transaction was corrected. What it settled is open again.")
_DONE = {
    "CHARGE": gettext_lazy("The charge is taken back."),
    "CREDIT": gettext_lazy("The credit is taken back."),
    "REFUND": gettext_lazy("The refund is taken back."),
}


@require_http_methods(["GET", "HEAD", "POST"])
@fee_page
def correct_transfer(request: StaffRequest, patron: Patron, fee: Fee, transfer_id: int) -> HttpResponse:
    """``of=payment`` takes back the lines of the payment that the form names: those that its page showed.

    Why not those found now: the same form sent again has to ask for the same, to be known as a repetition.
    """
    require(request.actor, Privilege.FEE_CORRECT)
    row = history(request.actor, fee).select_related("fee__type").filter(pk=transfer_id).first()
    if row is None:
        raise TransferNotFound(transfer_id)
    payment = _payment(request, row)
    form = AccountForm(request, patron)
    form.fields["comment"].widget.attrs["autofocus"] = True
    whole = request.POST.get("of") == WHOLE if form.is_bound else len(payment) > 1
    if form.is_bound and form.is_valid():
        outcome = form.attempt(
            correct,
            actor=request.actor,
            at=timezone.now(),
            patron_id=patron.pk,
            transfer_ids=ids_of(request.POST.getlist("line")) if whole else [row.pk],
            comment=form.cleaned_data["comment"],
        )
        if outcome:
            if outcome.replayed:
                messages.info(request, _("This was corrected before. Nothing was done twice."))
            else:
                messages.success(request, _DONE.get(row.kind, _SETTLED_IS_OPEN))
            return go(request, reverse("fee-history", args=[patron.pk, fee.pk]))
    context = {
        "form": form,
        "fee": fee,
        "row": row,
        "kind": KINDS.get(row.kind, row.kind),
        "payment": payment,
        "total_minor": sum(each.amount_minor for each in payment),
        "whole": whole,
    }
    status = 422 if form.is_bound else 200
    return show(request, patron, "web/corrections/_form.html", title=_("Correct"), context=context, status=status)


def _payment(request: StaffRequest, row: Any) -> list[Any]:
    """All lines of the payment that can still be taken back, the one asked for among them."""
    if row.payment_id is None:
        return [row]
    lines = receipt(request.actor, row.payment_id)
    return [each for each in lines if each.kind in CORRECTABLE and not getattr(each, "corrected_by", None)] or [row]
