"""Configuration > Fines/Fees Behavior: the Fine Fee Type Definition table (row C1)."""

from dataclasses import asdict
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from amerce.access.can import can
from amerce.access.privileges import Privilege
from amerce.access.queries import names_by_login
from amerce.charges.defaults import ADDITIONAL_TYPES, DEFAULT_FACTS
from amerce.charges.fee_type_facts import FeeTypeFacts
from amerce.charges.models import CREDIT_TYPE, FeeType
from amerce.charges.queries import get_type_definition, type_definitions
from amerce.charges.restore_fee_type import restore_fee_type
from amerce.charges.save_fee_type import CHANGED, save_fee_type
from amerce.inputs.errors import RowNotFound
from amerce.inputs.stamp import stamp_of
from amerce.money.percent import format_percent
from amerce.web.change_history import changes_for, differences, value_in_words
from amerce.web.configuration import configuration_page, show
from amerce.web.policy_forms import CHOOSE, PercentField, PolicyForm
from amerce.web.request import StaffRequest
from amerce.web.saving import confirmed, stamp_sent, tell_saved


class FeeTypeForm(PolicyForm):
    label = forms.CharField(
        label=gettext_lazy("Fine/Fee type"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Its name on every page, receipt and letter, also for fees that are there."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    is_enabled = forms.BooleanField(
        label=gettext_lazy("Enabled"),
        required=False,
        help_text=gettext_lazy(
            "Otherwise nobody adds such a fee by hand. What the system charges by itself is charged either way."
        ),
    )
    is_waivable = forms.BooleanField(
        label=gettext_lazy("Waiveable?"), required=False, help_text=gettext_lazy("Whether such a fee can be waived.")
    )
    is_manual = forms.BooleanField(
        label=gettext_lazy("Manual creation?"),
        required=False,
        help_text=gettext_lazy(
            "Whether such a fee can be added by hand. No effect on what the system charges by itself."
        ),
    )
    is_refundable = forms.BooleanField(
        label=gettext_lazy("Refundable?"),
        required=False,
        help_text=gettext_lazy("Has no effect. What a lost item gives back when it is found, the terms of use say."),
    )
    owner_kind = forms.ChoiceField(
        label=gettext_lazy("Fine/Fee owner"),
        choices=FeeType.Owner.choices,
        error_messages=CHOOSE,
        help_text=gettext_lazy("Library: such a fee is added by hand at a circulation desk only."),
    )
    vat_rate_bp = PercentField(
        label=gettext_lazy("VAT Percentage"),
        help_text=gettext_lazy(
            "From 0 to 100 with at most two decimals. It is included: 10.00 at 10 % is 9.09 and 0.91. "
            "Fees that are there keep their rate."
        ),
    )

    def __init__(self, request: StaffRequest, fee_type: FeeType) -> None:
        stands = FeeTypeFacts.of(fee_type)
        typed = {**asdict(stands), "vat_rate_bp": format_percent(fee_type.vat_rate_bp)}
        super().__init__(request, initial=typed, stands=stands)
        for name in _kept(request, fee_type):
            self.fields[name].disabled = True
        if default := DEFAULT_FACTS.get(fee_type.code):
            for name, value in asdict(default).items():
                field = self.fields[name]
                field.help_text = _("%(what)s Default: %(default)s.") % {
                    "what": field.help_text,
                    "default": value_in_words(field, value, request.institution),
                }


@require_safe
@configuration_page(Privilege.CHARGES_CONFIGURE)
def fee_types(request: StaffRequest) -> HttpResponse:
    types = list(type_definitions(request.actor))
    names = names_by_login(request.institution.pk, (each.updated_by for each in types))
    rows = [(each, _can_restore(request, each)) for each in types]
    return show(request, "fee_types", {"rows": rows, "names": names})


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.CHARGES_CONFIGURE)
def edit_fee_type(request: StaffRequest, type_id: int) -> HttpResponse:
    fee_type = get_type_definition(request.actor, type_id)
    form = FeeTypeForm(request, fee_type)
    if form.is_sent() and form.attempt(save_fee_type, type_id=type_id, facts=FeeTypeFacts(**form.cleaned_data)):
        tell_saved(request, _saved(form.cleaned_data["label"]), is_changed=form.answer.is_changed)
        return redirect("fee-types")
    context = {
        "form": form,
        "type": fee_type,
        "is_additional": fee_type.code in ADDITIONAL_TYPES,
        "is_credit": fee_type.code == CREDIT_TYPE,
        "may_name": can(request.actor, Privilege.FEE_TYPE_ENABLE),
        "can_be_restored": _can_restore(request, fee_type),
        "changes": changes_for(request, form, CHANGED, row=fee_type.code),
    }
    return show(request, "fee_type", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.CHARGES_CONFIGURE)
def restore_type(request: StaffRequest, type_id: int) -> HttpResponse:
    fee_type = get_type_definition(request.actor, type_id)
    if fee_type.code not in DEFAULT_FACTS:
        raise RowNotFound(type_id)
    stands, default = FeeTypeFacts.of(fee_type), DEFAULT_FACTS[fee_type.code]
    error = confirmed(
        request, restore_fee_type, _saved(default.label), type_id=type_id, expected_stamp=stamp_sent(request)
    )
    if error is None:
        return redirect("fee-types")
    context: dict[str, Any] = {
        "type": fee_type,
        "error": error,
        "stamp": stamp_of(stands),
        "differences": differences(
            FeeTypeForm(request, fee_type), asdict(stands), asdict(default), request.institution
        ),
    }
    return show(request, "fee_type_restore", context, status=422 if error else 200)


def _kept(request: StaffRequest, fee_type: FeeType) -> list[str]:
    """The fields that are shown and not offered: what only others may change, and what this type cannot be."""
    kept = []
    if not can(request.actor, Privilege.FEE_TYPE_ENABLE):
        kept += ["label", "is_enabled"] if fee_type.code in ADDITIONAL_TYPES else ["label"]
    if fee_type.code == CREDIT_TYPE:
        kept += ["is_waivable", "vat_rate_bp"]
    return kept


def _can_restore(request: StaffRequest, fee_type: FeeType) -> bool:
    """Whether a default would change something, and nothing that this person may not change."""
    stands, default = FeeTypeFacts.of(fee_type), DEFAULT_FACTS.get(fee_type.code)
    if default is None or default == stands:
        return False
    if can(request.actor, Privilege.FEE_TYPE_ENABLE):
        return True
    is_enabled_kept = fee_type.code not in ADDITIONAL_TYPES or stands.is_enabled == default.is_enabled
    return stands.label == default.label and is_enabled_kept


def _saved(label: str) -> str:
    if label:
        return _("Saved: %(name)s. It holds for fees from now on.") % {"name": label}
    return _("Saved. It holds for fees from now on.")
