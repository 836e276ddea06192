"""Add Fine or Fee (row B4)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.assess import ItemFacts, assess
from amerce.charges.models import FeeType
from amerce.charges.outcome import Outcome
from amerce.charges.queries import creatable_types
from amerce.circulation.errors import ItemNotFound
from amerce.circulation.queries import item_facts
from amerce.institutions.queries import open_libraries
from amerce.money.format import format_amount
from amerce.patrons.models import Patron
from amerce.web.account_form import AccountForm, AmountField
from amerce.web.account_page import account_page, show, way_back
from amerce.web.request import StaffRequest

_TITLE = gettext_lazy("Add Fine or Fee")


class TypeSelect(forms.Select):
    """Each option says who will own the fee, so that the page can close the field Owner."""

    owners: dict[str, str] = {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if str(value) in self.owners:
            option["attrs"]["data-owner"] = self.owners[str(value)]
        return option


class NewFeeForm(AccountForm):
    type = forms.ChoiceField(
        label=gettext_lazy("Fee Type"),
        widget=TypeSelect({"data-chooses-owner": "id_owner", "autofocus": True}),
        error_messages={
            "required": gettext_lazy("Choose a fee type from the list."),
            "invalid_choice": gettext_lazy("Choose a fee type from the list."),
        },
    )
    amount = AmountField(label=gettext_lazy("Fee Amount"))
    owner = forms.TypedChoiceField(
        label=gettext_lazy("Owner"),
        required=False,
        coerce=int,
        empty_value=None,
        error_messages={"invalid_choice": gettext_lazy("Choose a library from the list.")},
    )
    barcode = forms.CharField(
        label=gettext_lazy("Item barcode"),
        required=False,
        max_length=100,
        # A scanner ends each barcode with Enter, which must not charge anybody.
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "data-enter-leads-to": "id_comment"}),
    )

    def __init__(self, request: StaffRequest, patron: Patron) -> None:
        super().__init__(request, patron, initial={"owner": request.actor.library_id})
        self.types = {each.code: each for each in creatable_types(request.actor)}
        choices = [(code, each.label) for code, each in self.types.items()]
        type_field = self.fields["type"]
        type_field.choices = [("", ""), *choices]  # type: ignore[attr-defined]
        type_field.widget.owners = {code: each.owner_kind for code, each in self.types.items()}
        owners = [(each.pk, each.name) for each in open_libraries(request.actor.institution_id)]
        self.fields["owner"].choices = owners  # type: ignore[attr-defined]
        if request.actor.desk_id is None:
            type_field.help_text = _("Without a circulation desk, only types that the institution owns can be added.")

    def owner_id(self) -> int | None:
        """The owner that was chosen; none for a type that the institution owns."""
        fee_type = self.types[self.cleaned_data["type"]]
        if fee_type.owner_kind == FeeType.Owner.INSTITUTION:
            return None
        owner: int | None = self.cleaned_data["owner"]
        return owner

    def item(self) -> ItemFacts | None:
        """The item of the barcode, none without one. Raises ``ItemNotFound``."""
        barcode = self.cleaned_data["barcode"]
        return item_facts(self.request.actor, barcode) if barcode else None


@require_http_methods(["GET", "HEAD", "POST"])
@account_page
def new_fee(request: StaffRequest, patron: Patron) -> HttpResponse:
    require(request.actor, Privilege.FEE_ADD)
    form = NewFeeForm(request, patron)
    outcome = _added(request, patron, form) if form.is_bound else None
    if outcome is not None:
        _say(request, form, outcome)
        if "close" in request.POST:
            return redirect(way_back(request, patron))
        return redirect(reverse("fee-new", args=[patron.pk]))
    status = 422 if form.is_bound else 200
    return show(request, patron, "web/new_fee/_form.html", title=str(_TITLE), context={"form": form}, status=status)


def _added(request: StaffRequest, patron: Patron, form: NewFeeForm) -> Outcome | None:
    if not form.is_valid():
        return None
    try:
        item = form.item()
    except ItemNotFound as error:
        form.refuse(error)
        return None
    typed = form.cleaned_data
    return form.attempt(
        assess,
        actor=request.actor,
        at=timezone.now(),
        patron_id=patron.pk,
        type_code=typed["type"],
        amount_minor=typed["amount"],
        owner_library_id=form.owner_id(),
        item=item,
        comment=typed["comment"],
    )


def _say(request: StaffRequest, form: NewFeeForm, outcome: Outcome) -> None:
    def money(minor: int) -> str:
        return format_amount(minor, request.institution.currency, request.institution.locale)

    values = {
        "type": form.types[form.cleaned_data["type"]].label,
        "amount": money(outcome.amount_minor),
        "balance": money(outcome.balance_minor),
    }
    if outcome.replayed:
        messages.info(request, _("%(type)s, %(amount)s, was added before. Nothing was charged twice.") % values)
    else:
        messages.success(request, _("Added: %(type)s, %(amount)s. The active balance is now %(balance)s.") % values)
