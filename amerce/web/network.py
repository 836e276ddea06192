"""Configuration > Fulfillment Network: whether the institution takes part, and whom it asks (row B13)."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from amerce.access.privileges import Privilege
from amerce.access.queries import names_by_login
from amerce.inputs.checks import NAME_LIMIT
from amerce.inputs.stamp import stamp_of
from amerce.institutions.models import CodeEntry
from amerce.institutions.queries import code_labels
from amerce.network import members, settings
from amerce.network.members import (
    KEY_LIMIT,
    LOCAL,
    REMOTE,
    TIMEOUTS_S,
    MemberFacts,
    get_member,
    members_of,
    remove_member,
    save_member,
)
from amerce.network.models import NetworkMember
from amerce.network.settings import NetworkSaid, network_settings, save_network_settings
from amerce.outbound.addresses import ADDRESS_LIMIT
from amerce.web.change_history import changes_for
from amerce.web.configuration import configuration_page, show
from amerce.web.policy_forms import CHOOSE, REQUIRED, CountField, PolicyForm, SecretField
from amerce.web.request import StaffRequest
from amerce.web.saving import confirmed, stamp_sent, tell_row, tell_saved

KINDS = [
    (LOCAL, gettext_lazy("An institution of this installation")),
    (REMOTE, gettext_lazy("A server that speaks the Alma interface")),
]


class NetworkForm(PolicyForm):
    asks = forms.BooleanField(
        label=gettext_lazy("Ask the members"),
        required=False,
        help_text=gettext_lazy(
            "Staff who open a patron's User Details see at which members something is owed. Default: no."
        ),
    )
    shares = forms.BooleanField(
        label=gettext_lazy("Share with the network"),
        required=False,
        help_text=gettext_lazy(
            "Members that are institutions of this installation see what patrons owe here, if they stand below. "
            "Servers elsewhere ask with an API key, whatever this says. Default: no."
        ),
    )

    def __init__(self, request: StaffRequest) -> None:
        stands = network_settings(request.institution.pk)
        super().__init__(request, initial=dict(vars(stands)), stands=stands)


class MemberForm(PolicyForm):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=NAME_LIMIT,
        error_messages=REQUIRED,
        help_text=gettext_lazy("What staff see it by."),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=KINDS, error_messages=CHOOSE)
    institution_code = forms.CharField(
        label=gettext_lazy("Institution code"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Of an institution of this installation. It answers once it shares and asks you, too."),
    )
    base_url = forms.CharField(
        label=gettext_lazy("Base address"),
        max_length=ADDRESS_LIMIT,
        required=False,
        help_text=gettext_lazy("Of a server, without /almaws/v1: https://api-eu.hosted.exlibrisgroup.com."),
        widget=forms.TextInput({"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    api_key = SecretField(
        label=gettext_lazy("API key"),
        max_length=KEY_LIMIT,
        help_text=gettext_lazy(
            "Of a server: one that may read users and what they owe. It is never shown; empty leaves the one there is, "
            "unless the address is another."
        ),
    )
    identifier_type = forms.ChoiceField(
        label=gettext_lazy("Patrons are known there by"),
        required=False,
        error_messages=CHOOSE,
        help_text=gettext_lazy("The identifier that both have. Take one that nobody else can have."),
    )
    timeout_s = CountField(
        TIMEOUTS_S,
        label=gettext_lazy("Seconds to wait"),
        help_text=gettext_lazy("After that the tab says that the member could not be reached."),
    )
    is_active = forms.BooleanField(label=gettext_lazy("Asked"), required=False)

    def __init__(self, request: StaffRequest, member: NetworkMember | None = None) -> None:
        facts = MemberFacts.of(member) if member else None
        shown = vars(facts) if facts else {"is_active": True, "timeout_s": 5, "kind": REMOTE}
        super().__init__(request, initial=dict(shown), stands=facts)
        types = code_labels(request.institution.pk, CodeEntry.Table.IDENTIFIER_TYPE)
        self.fields["identifier_type"].choices = [("", _("Primary identifier")), *types.items()]  # type: ignore[attr-defined]

    @property
    def said(self) -> MemberFacts:
        typed = dict(self.cleaned_data)
        del typed["api_key"]
        return MemberFacts(**typed)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.INSTITUTION_CONFIGURE)
def network(request: StaffRequest) -> HttpResponse:
    form = NetworkForm(request)
    if form.is_sent() and form.attempt(save_network_settings, settings=NetworkSaid(**form.cleaned_data)):
        tell_saved(request, _("Saved. It holds from now on."), is_changed=form.answer)
        return redirect("network")
    types = code_labels(request.institution.pk, CodeEntry.Table.IDENTIFIER_TYPE)
    found = list(members_of(request.actor))
    context = {
        "form": form,
        "names": names_by_login(request.institution.pk, (each.updated_by for each in found)),
        "members": [
            (each, types.get(each.identifier_type, each.identifier_type or _("Primary identifier"))) for each in found
        ],
        "changes": changes_for(request, form, settings.CHANGED, row=request.institution.pk),
    }
    return show(request, "network", context, status=422 if form.errors else 200)


@sensitive_post_parameters("api_key")
@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.INSTITUTION_CONFIGURE)
def edit_member(request: StaffRequest, member_id: int | None = None) -> HttpResponse:
    member = get_member(request.actor, member_id) if member_id is not None else None
    form = MemberForm(request, member)
    if form.is_sent() and form.attempt(
        save_member, facts=form.said, api_key=form.cleaned_data["api_key"], member_id=member_id
    ):
        tell_row(request, form.said.name, is_new=member is None)
        return redirect("network")
    context: dict[str, Any] = {"form": form, "member": member}
    if member:
        context["changes"] = changes_for(request, form, members.CHANGED, row=member.pk)
    return show(request, "network_member", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.INSTITUTION_CONFIGURE)
def remove_network_member(request: StaffRequest, member_id: int) -> HttpResponse:
    member = get_member(request.actor, member_id)
    done = _("Removed: %(name)s.") % {"name": member.name}
    error = confirmed(request, remove_member, done, member_id=member_id, expected_stamp=stamp_sent(request))
    if error is None:
        return redirect("network")
    context = {"member": member, "error": error, "stamp": stamp_of(MemberFacts.of(member))}
    return show(request, "network_member_remove", context, status=422 if error else 200)
