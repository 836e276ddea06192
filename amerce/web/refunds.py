"""Giving money back: of what was paid on a fee, or what is left of a CREDIT (row B9)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.models import Fee
from amerce.charges.refund import AS_CREDIT, refund, refundable_minor
from amerce.institutions.models import CodeEntry
from amerce.institutions.queries import active_codes
from amerce.money.format import format_plain
from amerce.patrons.models import Patron
from amerce.web.account_form import AccountForm, AmountField
from amerce.web.account_page import fee_page, go, show
from amerce.web.request import StaffRequest

KEEP = "keep-as-credit"
"""What the form sends for ``AS_CREDIT``: an empty choice would look like none made."""


class RefundForm(AccountForm):
    amount = AmountField(label=gettext_lazy("Refund amount"))
    method = forms.ChoiceField(
        label=gettext_lazy("Method"), error_messages={"invalid_choice": gettext_lazy("Choose a method from the list.")}
    )

    def __init__(self, request: StaffRequest, patron: Patron, fee: Fee, *, initial: dict[str, Any]) -> None:
        super().__init__(request, patron, initial=initial)
        methods = active_codes(request.actor.institution_id, CodeEntry.Table.PAYMENT_METHOD)
        kept = [] if fee.is_credit else [(KEEP, _("Keep as credit"))]
        self.fields["method"].choices = [*methods.values_list("code", "label"), *kept]  # type: ignore[attr-defined]
        self.fields["amount"].widget.attrs["autofocus"] = True

    @property
    def chosen_method(self) -> str:
        chosen: str = self.cleaned_data["method"]
        return AS_CREDIT if chosen == KEEP else chosen


@require_http_methods(["GET", "HEAD", "POST"])
@fee_page
def refund_fee(request: StaffRequest, patron: Patron, fee: Fee) -> HttpResponse:
    require(request.actor, Privilege.FEE_REFUND)
    limit_minor = refundable_minor(fee)
    form = RefundForm(
        request, patron, fee, initial={"amount": format_plain(max(limit_minor, 0), request.institution.currency)}
    )
    if form.is_bound and form.is_valid():
        outcome = form.attempt(
            refund,
            actor=request.actor,
            at=timezone.now(),
            patron_id=patron.pk,
            fee_id=fee.pk,
            amount_minor=form.cleaned_data["amount"],
            method=form.chosen_method,
            comment=form.cleaned_data["comment"],
            proxy_id=request.open_record.proxy_id,
        )
        if outcome:
            if outcome.replayed:
                messages.info(request, _("This was refunded before. Nothing was given twice."))
            return go(request, reverse("payment", args=[patron.pk, outcome.payment_id]))
    status = 422 if form.is_bound else 200
    context = {"form": form, "fee": fee, "limit_minor": limit_minor}
    return show(request, patron, "web/refunds/_form.html", title=_("Refund"), context=context, status=status)
