"""Linking an item to a fee by its barcode (row B11)."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.link_item import link_item
from amerce.charges.models import Fee
from amerce.charges.outcome import Outcome
from amerce.circulation.errors import ItemNotFound
from amerce.circulation.queries import item_facts
from amerce.patrons.models import Patron
from amerce.web.account_form import AccountForm
from amerce.web.account_page import fee_page, go, show, way_back
from amerce.web.request import StaffRequest


class ItemForm(AccountForm):
    comment = None  # type: ignore[assignment]
    barcode = forms.CharField(
        label=gettext_lazy("Item barcode"),
        max_length=100,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "autofocus": True}),
        error_messages={"required": gettext_lazy("Scan or type the barcode of the item.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@fee_page
def item_of_fee(request: StaffRequest, patron: Patron, fee: Fee) -> HttpResponse:
    require(request.actor, Privilege.FEE_LINK_ITEM)
    form = ItemForm(request, patron)
    if form.is_bound and form.is_valid() and _linked(request, patron, fee, form):
        messages.success(request, _("The item is linked to the fee."))
        return go(request, way_back(request, patron))
    status = 422 if form.is_bound else 200
    context = {"form": form, "fee": fee}
    return show(request, patron, "web/items/_form.html", title=_("Link item"), context=context, status=status)


def _linked(request: StaffRequest, patron: Patron, fee: Fee, form: ItemForm) -> Outcome | None:
    try:
        item = item_facts(request.actor, form.cleaned_data["barcode"])
    except ItemNotFound as error:
        form.refuse(error)
        return None
    return form.attempt(
        link_item, actor=request.actor, at=timezone.now(), patron_id=patron.pk, fee_id=fee.pk, item=item
    )
