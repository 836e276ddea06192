"""Configuration > Item Policies: the code table of the kinds of items (row C5)."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from amerce.access.privileges import Privilege
from amerce.access.queries import names_by_login
from amerce.circulation.configuring import can_configure, may_configure
from amerce.circulation.policies import get_item_policy
from amerce.circulation.policies import item_policies as all_item_policies
from amerce.circulation.save_item_policy import (
    CHANGED,
    CODE_LIMIT,
    add_item_policy,
    item_policy_facts,
    save_item_policy,
)
from amerce.web.change_history import changes_for
from amerce.web.configuration import configuration_page, show
from amerce.web.policy_forms import REQUIRED, PolicyForm
from amerce.web.request import StaffRequest
from amerce.web.saving import tell_row


class NewItemPolicyForm(PolicyForm):
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=CODE_LIMIT,
        error_messages=REQUIRED,
        help_text=gettext_lazy("As items carry it. It cannot be changed later."),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    label = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=200,
        error_messages=REQUIRED,
        widget=forms.TextInput({"autocomplete": "off"}),
    )


class ItemPolicyForm(PolicyForm):
    label = forms.CharField(label=gettext_lazy("Name"), max_length=200, error_messages=REQUIRED)
    is_active = forms.BooleanField(
        label=gettext_lazy("Can be chosen"),
        required=False,
        help_text=gettext_lazy("Items and terms of use that have it keep it."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.FULFILLMENT_CONFIGURE)
def item_policies(request: StaffRequest) -> HttpResponse:
    form = NewItemPolicyForm(request)
    if form.is_sent() and form.attempt(add_item_policy, **form.cleaned_data):
        tell_row(request, form.cleaned_data["label"], is_new=True)
        return redirect("item-policies")
    policies = all_item_policies(request.actor)
    context = {
        "form": form,
        "policies": policies,
        "names": names_by_login(request.institution.pk, (each.updated_by for each in policies)),
        "may_change": can_configure(request.actor),
    }
    return show(request, "item_policies", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.FULFILLMENT_CONFIGURE)
def edit_item_policy(request: StaffRequest, entry_id: int) -> HttpResponse:
    may_configure(request.actor)
    entry = get_item_policy(request.actor, entry_id)
    stands = item_policy_facts(entry)
    form = ItemPolicyForm(request, initial=stands, stands=stands)
    if form.is_sent() and form.attempt(save_item_policy, entry_id=entry.pk, **form.cleaned_data):
        tell_row(request, form.cleaned_data["label"], is_new=False, is_changed=form.answer)
        return redirect("item-policies")
    changes = changes_for(request, form, CHANGED, table=entry.table, code=entry.code)
    context = {"form": form, "entry": entry, "changes": changes}
    return show(request, "item_policy", context, status=422 if form.errors else 200)
