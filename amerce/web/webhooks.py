"""Configuration > Webhooks: who is told at once what happened, and their secrets (row G4).

Why the secret stands in the answer to the form and nowhere else: it is kept sealed, so it can be shown once.
"""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from amerce.access.privileges import Privilege
from amerce.access.queries import names_by_login
from amerce.inputs.checks import NAME_LIMIT
from amerce.inputs.stamp import stamp_of
from amerce.outbound.addresses import ADDRESS_LIMIT
from amerce.web.change_history import changes_for
from amerce.web.configuration import configuration_page, show
from amerce.web.policy_forms import REQUIRED, PolicyForm
from amerce.web.request import StaffRequest
from amerce.web.saving import confirmed, stamp_sent, tell_row
from amerce.webhooks.endpoints import CHANGED, EndpointFacts, remove_endpoint, renew_secret, save_endpoint
from amerce.webhooks.kinds import Kind
from amerce.webhooks.models import WebhookEndpoint
from amerce.webhooks.queries import endpoints, get_endpoint


class WebhookForm(PolicyForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=NAME_LIMIT, error_messages=REQUIRED)
    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=ADDRESS_LIMIT,
        error_messages=REQUIRED,
        help_text=gettext_lazy("Where messages are sent: https, in the public internet."),
        widget=forms.TextInput({"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    is_enabled = forms.BooleanField(
        label=gettext_lazy("Enabled"),
        required=False,
        help_text=gettext_lazy("Not ticked: nothing is sent, and what happens meanwhile is not told later."),
    )
    events = forms.MultipleChoiceField(
        label=gettext_lazy("Events"),
        choices=Kind.choices,
        error_messages={"required": gettext_lazy("Choose at least one.")},
        help_text=gettext_lazy("What the server is told of."),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, request: StaffRequest, endpoint: WebhookEndpoint | None = None) -> None:
        facts = EndpointFacts.of(endpoint) if endpoint else None
        shown = vars(facts) if facts else {"is_enabled": True, "events": Kind.values}
        super().__init__(request, initial=dict(shown), stands=facts)

    @property
    def said(self) -> EndpointFacts:
        return EndpointFacts(**{**self.cleaned_data, "events": tuple(self.cleaned_data["events"])})


class SecretForm(PolicyForm):
    keeps_old = forms.BooleanField(
        label=gettext_lazy("The old secret stays valid for 24 hours"),
        required=False,
        help_text=gettext_lazy(
            "Messages are signed by both until then. Do not tick it if somebody else knows the old one."
        ),
    )

    def __init__(self, request: StaffRequest, endpoint: WebhookEndpoint) -> None:
        super().__init__(request, initial={"keeps_old": True}, stands=EndpointFacts.of(endpoint))


@require_safe
@configuration_page(Privilege.INSTITUTION_CONFIGURE)
def webhooks(request: StaffRequest) -> HttpResponse:
    rows = endpoints(request.actor)
    names = names_by_login(request.institution.pk, (each.endpoint.updated_by for each in rows))
    return show(request, "webhooks", {"rows": rows, "names": names})


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.INSTITUTION_CONFIGURE)
def edit_webhook(request: StaffRequest, endpoint_id: int | None = None) -> HttpResponse:
    endpoint = get_endpoint(request.actor, endpoint_id) if endpoint_id is not None else None
    form = WebhookForm(request, endpoint)
    if form.is_sent() and form.attempt(save_endpoint, facts=form.said, endpoint_id=endpoint_id):
        if form.answer.secret:
            return _secret_shown(request, form.answer.endpoint_id, form.said.name, form.answer.secret)
        tell_row(request, form.said.name, is_new=False, is_changed=form.answer.is_changed)
        return redirect("webhooks")
    context: dict[str, Any] = {"form": form, "endpoint": endpoint}
    if endpoint:
        context["changes"] = changes_for(request, form, CHANGED, words=_WORDS, row=endpoint.pk)
    return show(request, "webhook", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.INSTITUTION_CONFIGURE)
def new_secret(request: StaffRequest, endpoint_id: int) -> HttpResponse:
    endpoint = get_endpoint(request.actor, endpoint_id)
    form = SecretForm(request, endpoint)
    if form.is_sent() and form.attempt(renew_secret, endpoint_id=endpoint_id, keeps_old=form.cleaned_data["keeps_old"]):
        return _secret_shown(request, endpoint_id, endpoint.name, form.answer.secret)
    return show(request, "webhook_secret", {"form": form, "endpoint": endpoint}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.INSTITUTION_CONFIGURE)
def remove_webhook(request: StaffRequest, endpoint_id: int) -> HttpResponse:
    endpoint = get_endpoint(request.actor, endpoint_id)
    done = _("Removed: %(name)s.") % {"name": endpoint.name}
    error = confirmed(request, remove_endpoint, done, endpoint_id=endpoint_id, expected_stamp=stamp_sent(request))
    if error is None:
        return redirect("webhooks")
    context = {"endpoint": endpoint, "error": error, "stamp": stamp_of(EndpointFacts.of(endpoint))}
    return show(request, "webhook_remove", context, status=422 if error else 200)


def _secret_shown(request: StaffRequest, endpoint_id: int, name: str, secret: str) -> HttpResponse:
    return show(request, "webhook_secret_made", {"endpoint_id": endpoint_id, "name": name, "secret": secret})


_WORDS = {"secret": (gettext_lazy("Secret"), lambda _value: "")}
