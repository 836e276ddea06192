"""Configuration > Single Sign-On: who else vouches for people, and which roles that gives them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from amerce.access.models import IdentityProvider
from amerce.access.privileges import Privilege
from amerce.access.providers import (
    ADDRESS_LIMIT,
    CERTIFICATE_LIMIT,
    CLAIM_LIMIT,
    LABEL_LIMIT,
    SAML,
    Given,
    ProviderFacts,
    providers_of,
    remove_provider,
    save_provider,
)
from amerce.access.queries import names_by_login
from amerce.access.roles import roles_of
from amerce.inputs.errors import RowNotFound
from amerce.inputs.stamp import stamp_of
from amerce.institutions.queries import libraries
from amerce.web.change_history import changes_for
from amerce.web.configuration import configuration_page, show
from amerce.web.policy_forms import CHOOSE, REQUIRED, PolicyForm, SecretField
from amerce.web.request import StaffRequest
from amerce.web.saving import confirmed, stamp_sent
from amerce.web.single_sign_on import HAS_SAML

SPARE_LINES = 3
"""Empty lines of the role table under those that are filled."""


class ProviderForm(PolicyForm):
    label = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=LABEL_LIMIT,
        error_messages=REQUIRED,
        help_text=gettext_lazy("What people know it by: “Sign in with …”."),
    )
    protocol = forms.ChoiceField(label=gettext_lazy("Protocol"), error_messages=CHOOSE)
    is_active = forms.BooleanField(label=gettext_lazy("Offered when signing in"), required=False)
    server = forms.CharField(
        label=gettext_lazy("Issuer, or entity ID"),
        max_length=ADDRESS_LIMIT,
        error_messages=REQUIRED,
        help_text=gettext_lazy("OpenID Connect: the address that the provider calls itself by. SAML: its entity ID."),
    )
    client_id = forms.CharField(
        label=gettext_lazy("Client ID"),
        max_length=CLAIM_LIMIT,
        required=False,
        help_text=gettext_lazy("OpenID Connect: under which the provider knows this system."),
    )
    client_secret = SecretField(
        label=gettext_lazy("Client secret"),
        help_text=gettext_lazy(
            "OpenID Connect. It is never shown; empty leaves the one there is, unless the issuer is another."
        ),
    )
    sign_in_url = forms.CharField(
        label=gettext_lazy("Sign-in address"),
        max_length=ADDRESS_LIMIT,
        required=False,
        help_text=gettext_lazy("SAML: where people are sent (HTTP-Redirect)."),
    )
    certificate = forms.CharField(
        label=gettext_lazy("Certificate"),
        max_length=CERTIFICATE_LIMIT,
        required=False,
        widget=forms.Textarea({"rows": 4, "class": "form-control code", "spellcheck": "false"}),
        help_text=gettext_lazy("SAML: that the provider signs with, in PEM."),
    )
    username_claim = forms.CharField(
        label=gettext_lazy("Claim with the user name"),
        max_length=CLAIM_LIMIT,
        error_messages=REQUIRED,
        help_text=gettext_lazy("Take one that people cannot change themselves: it decides whose account they get."),
    )
    role_claim = forms.CharField(
        label=gettext_lazy("Claim with the groups"),
        max_length=CLAIM_LIMIT,
        required=False,
        help_text=gettext_lazy("From which roles are drawn at each sign-in. Empty: roles are given by hand."),
    )
    makes_accounts = forms.BooleanField(
        label=gettext_lazy("Make an account for who has none"),
        required=False,
        help_text=gettext_lazy("Not ticked: only who has an account here can sign in."),
    )

    def __init__(self, request: StaffRequest, provider: IdentityProvider | None) -> None:
        facts = ProviderFacts.of(provider) if provider else None
        super().__init__(request, initial=_as_typed(facts), stands=facts)
        protocols = IdentityProvider.Protocol.choices
        self.fields["protocol"].choices = [  # type: ignore[attr-defined]
            each for each in protocols if each[0] != SAML or HAS_SAML or (facts and facts.protocol == SAML)
        ]
        self._add_lines(request, len(facts.roles) if facts else 0)

    def _add_lines(self, request: StaffRequest, filled: int) -> None:
        institution_id = request.institution.pk
        roles = [("", "–"), *((code, role.label) for code, role in roles_of(institution_id).items())]
        places = [("", _("Everywhere")), *((each.pk, each.name) for each in libraries(institution_id))]
        self.line_names = []
        for number in range(filled + SPARE_LINES):
            names = (f"value_{number}", f"role_{number}", f"library_{number}")
            self.fields[names[0]] = forms.CharField(label=_("Value"), max_length=CLAIM_LIMIT, required=False)
            self.fields[names[1]] = forms.ChoiceField(label=_("Role"), choices=roles, required=False)
            self.fields[names[2]] = forms.TypedChoiceField(
                label=_("Library"), choices=places, required=False, coerce=int, empty_value=None
            )
            for name, kind in zip(names, ("form-control", "form-select", "form-select"), strict=True):
                self.fields[name].widget.attrs.update({"class": kind, "aria-label": self.fields[name].label})
            self.line_names.append(names)

    @property
    def lines(self) -> list[list[forms.BoundField]]:
        return [[self[name] for name in names] for names in self.line_names]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        for value, role, _library in self.line_names:
            if bool(typed.get(value)) != bool(typed.get(role)):
                self.add_error(role if typed.get(value) else value, _("A line needs both, the value and the role."))
        return typed

    @property
    def said(self) -> ProviderFacts:
        typed = self.cleaned_data
        filled = [names for names in self.line_names if typed.get(names[0])]
        roles = tuple(Given(typed[value], typed[role], typed[library]) for value, role, library in filled)
        plain = {name: typed[name] for name in ProviderFacts.__dataclass_fields__ if name != "roles"}
        return ProviderFacts(**plain, roles=roles)


@require_safe
@configuration_page(Privilege.ROLE_EDIT)
def providers(request: StaffRequest) -> HttpResponse:
    found = providers_of(request.actor)
    names = names_by_login(request.institution.pk, (each.updated_by for each in found))
    return show(request, "providers", {"providers": found, "names": names})


@sensitive_post_parameters("client_secret")
@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.ROLE_EDIT)
def edit_provider(request: StaffRequest, provider_id: int | None = None) -> HttpResponse:
    provider = _find(request, provider_id) if provider_id is not None else None
    form = ProviderForm(request, provider)
    if form.is_sent() and form.attempt(
        save_provider, facts=form.said, client_secret=form.cleaned_data["client_secret"], provider_id=provider_id
    ):
        messages.success(request, _("Saved. It holds from the next sign-in on."))
        return redirect("single-sign-on") if provider else redirect("provider", form.answer)
    context: dict[str, Any] = {"form": form, "provider": provider, "addresses": _addresses(request, provider)}
    if provider:
        words = {"roles": (_("Roles"), _roles_in_words)}
        context["changes"] = changes_for(request, form, "identity_provider.changed", words=words, row=provider.pk)
    return show(request, "provider", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.ROLE_EDIT)
def remove(request: StaffRequest, provider_id: int) -> HttpResponse:
    provider = _find(request, provider_id)
    done = _("Removed: %(name)s.") % {"name": provider.label}
    error = confirmed(request, remove_provider, done, provider_id=provider_id, expected_stamp=stamp_sent(request))
    if error is None:
        return redirect("single-sign-on")
    context = {"provider": provider, "error": error, "stamp": stamp_of(ProviderFacts.of(provider))}
    return show(request, "provider_remove", context, status=422 if error else 200)


def _find(request: StaffRequest, provider_id: int) -> IdentityProvider:
    found = next((each for each in providers_of(request.actor) if each.pk == provider_id), None)
    if found is None:
        raise RowNotFound(provider_id)
    return found


def _as_typed(facts: ProviderFacts | None) -> dict[str, Any]:
    if facts is None:
        return {"is_active": True, "username_claim": "preferred_username", "role_claim": "groups"}
    typed: dict[str, Any] = {name: value for name, value in vars(facts).items() if name != "roles"}
    for number, given in enumerate(facts.roles):
        typed |= {f"value_{number}": given.value, f"role_{number}": given.role, f"library_{number}": given.library_id}
    return typed


def _addresses(request: StaffRequest, provider: IdentityProvider | None) -> list[tuple[str, str]]:
    """What the provider has to be told of this system, once it is known under which number it stands here."""
    if provider is None:
        return []
    if provider.protocol == SAML:
        named = [(_("Metadata"), "saml_metadata"), (_("Where answers are sent"), "saml_acs")] if HAS_SAML else []
        return [(label, request.build_absolute_uri(reverse(name, args=[provider.pk]))) for label, name in named]
    back = reverse("openid_connect_callback", args=[provider.pk])
    return [(_("Redirect address"), request.build_absolute_uri(back))]


def _roles_in_words(roles: Any) -> str:
    return ", ".join(f"{each['value']} → {each['role']}" for each in roles or ())
