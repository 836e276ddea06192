"""Configuration > Balance Blocks: from which debt on patrons are blocked (row C7)."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from amerce.access.privileges import Privilege
from amerce.access.queries import names_by_login
from amerce.circulation.block_rules import AGE_LIMIT_DAYS, CHANGED, RuleFacts, delete_rule, save_rule
from amerce.circulation.block_rules import block_rules as all_rules
from amerce.circulation.configuring import can_configure, may_configure
from amerce.circulation.models import BlockRule
from amerce.inputs.errors import RowNotFound
from amerce.inputs.stamp import stamp_of
from amerce.money.format import format_plain
from amerce.patrons.queries import user_groups
from amerce.web.change_history import changes_for
from amerce.web.configuration import configuration_page, show
from amerce.web.policy_forms import CHOOSE, ChargeField, CountField, PolicyForm
from amerce.web.request import StaffRequest
from amerce.web.saving import confirmed, stamp_sent, tell_saved


class BlockRuleForm(PolicyForm):
    group_id = forms.TypedChoiceField(
        label=gettext_lazy("User group"), required=False, coerce=int, empty_value=None, error_messages=CHOOSE
    )
    amount_minor = ChargeField(
        label=gettext_lazy("Blocked from this balance on"),
        empty_minor=None,
        help_text=gettext_lazy("The active balance less credits. Empty: however much it is."),
    )
    age_days = CountField(
        (1, AGE_LIMIT_DAYS),
        label=gettext_lazy("Blocked when the oldest fee is this many days old"),
        required=False,
        help_text=gettext_lazy("Empty: however old it is."),
    )
    blocks_checkout = forms.BooleanField(label=gettext_lazy("Checkout"), required=False)
    blocks_renewal = forms.BooleanField(label=gettext_lazy("Renewal"), required=False)
    blocks_request = forms.BooleanField(label=gettext_lazy("Request"), required=False)

    def __init__(self, request: StaffRequest, rule: BlockRule | None) -> None:
        stands = RuleFacts.of(rule) if rule else None
        super().__init__(request, initial=_as_typed(request, rule), stands=stands)
        groups = [(each.pk, each.label) for each in user_groups(request.actor.institution_id)]
        choices = [("", _("Every group without a rule of its own")), *groups]
        self.fields["group_id"].choices = choices  # type: ignore[attr-defined]


@require_safe
@configuration_page(Privilege.FULFILLMENT_CONFIGURE)
def block_rules(request: StaffRequest) -> HttpResponse:
    rules = all_rules(request.actor)
    context = {
        "rules": rules,
        "names": names_by_login(request.institution.pk, (each.updated_by for each in rules)),
        "may_change": can_configure(request.actor),
    }
    return show(request, "block_rules", context)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.FULFILLMENT_CONFIGURE)
def edit_block_rule(request: StaffRequest, rule_id: int | None = None) -> HttpResponse:
    may_configure(request.actor)
    rule = _find(request, rule_id) if rule_id is not None else None
    form = BlockRuleForm(request, rule)
    if form.is_sent() and form.attempt(save_rule, facts=RuleFacts(**form.cleaned_data), rule_id=rule_id):
        tell_saved(request, _("Saved. The rule holds at once."), is_changed=form.answer.is_changed)
        return redirect("block-rules")
    changes = changes_for(request, form, CHANGED, rule=rule.pk) if rule else []
    context = {"form": form, "rule": rule, "changes": changes}
    return show(request, "block_rule", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.FULFILLMENT_CONFIGURE)
def remove_block_rule(request: StaffRequest, rule_id: int) -> HttpResponse:
    may_configure(request.actor)
    rule = _find(request, rule_id)
    done = _("Deleted. Who was blocked by it alone is blocked no more.")
    error = confirmed(request, delete_rule, done, rule_id=rule_id, expected_stamp=stamp_sent(request))
    if error is None:
        return redirect("block-rules")
    context = {"rule": rule, "error": error, "stamp": stamp_of(RuleFacts.of(rule))}
    return show(request, "block_rule_delete", context, status=422 if error else 200)


def _find(request: StaffRequest, rule_id: int) -> BlockRule:
    found = next((each for each in all_rules(request.actor) if each.pk == rule_id), None)
    if found is None:
        raise RowNotFound(rule_id)
    return found


def _as_typed(request: StaffRequest, rule: BlockRule | None) -> dict[str, Any]:
    if rule is None:
        return {"blocks_checkout": True, "blocks_renewal": True, "blocks_request": True}
    typed: dict[str, Any] = {name: getattr(rule, name) for name in RuleFacts.__dataclass_fields__}
    if rule.amount_minor is not None:
        typed["amount_minor"] = format_plain(rule.amount_minor, request.institution.currency)
    return typed
