"""Signing in by a provider: there, back, and as the account it means.

allauth speaks the protocols; whose account it is and what it may is ``access.sign_in_by_provider``. None of allauth's
pages for signing up or for connecting accounts has an address here.
"""

from importlib.util import find_spec
from typing import Any

import jwt
from allauth.account.adapter import get_adapter as account_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base import ProviderException
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from requests import RequestException

from amerce.access.models import IdentityProvider
from amerce.access.providers import OIDC, SAML
from amerce.access.sealed import NotSealedHere, unseal
from amerce.access.sign_in_by_provider import Claims, NoAccountHere, sign_in_by_provider
from amerce.web.next_page import next_page
from amerce.web.sign_in import page_after_sign_in

HAS_SAML = find_spec("onelogin") is not None
"""Whether ``amerce[saml]`` is installed."""
_PUBLIC_KEY_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
_FAILED = (OAuth2Error, RequestException, ProviderException, KeyError, ValueError, NotSealedHere, jwt.PyJWTError)


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Shows allauth the providers of our table, and takes over once somebody was vouched for."""

    def list_apps(self, request: HttpRequest, provider: Any = None, client_id: Any = None) -> list[SocialApp]:
        wanted = str(client_id if provider == SAML and client_id else provider or "")
        rows = IdentityProvider.objects.filter(is_active=True, pk=int(wanted)) if wanted.isdecimal() else []
        return [_app(row) for row in rows if provider != SAML or row.protocol == SAML]

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: Any) -> Any:
        """Nothing: ``pre_social_login`` finds the account, and it alone reads the claims."""
        return sociallogin.user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        row = IdentityProvider.objects.get(pk=int(sociallogin.provider.app.provider_id))
        try:
            account = sign_in_by_provider(at=timezone.now(), provider=row, claims=_claims(row, sociallogin))
        except NoAccountHere:
            raise ImmediateHttpResponse(_refused(request, _no_account(row))) from None
        if request.user.is_authenticated:
            account_adapter(request).logout(request)
        going_to = page_after_sign_in(sociallogin.state.get("next") or "")
        record_authentication(request, account, "provider", id=row.pk)
        raise ImmediateHttpResponse(perform_login(request, account, redirect_url=going_to))

    def on_authentication_error(self, request: HttpRequest, provider: Any, *args: Any, **kwargs: Any) -> None:
        raise ImmediateHttpResponse(_refused(request, _broken(str(provider.name))))


class OpenIdConnect(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """As allauth does it, but for this: the signature of the token is always verified, and both sources agree."""

    def complete_login(self, request: HttpRequest, app: SocialApp, token: Any, **kwargs: Any) -> SocialLogin:
        id_token = self._verified(app.client_id, kwargs["response"]["id_token"])
        userinfo = self._fetch_user_info(token.token) if "userinfo_endpoint" in self.openid_config else {}
        if userinfo and userinfo.get("sub") != id_token["sub"]:
            raise OAuth2Error("the user info is that of somebody else")
        return self.get_provider().sociallogin_from_response(request, {"userinfo": {**id_token, **userinfo}})

    def _verified(self, client_id: str, id_token: str) -> dict[str, Any]:
        """What the token says, once one of the provider's public keys proves it."""
        issuer, server = self.openid_config["issuer"], self.get_provider().app.settings["server_url"]
        if issuer.rstrip("/") != server:
            raise OAuth2Error("the provider calls itself by another name")
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        keys = jwt.PyJWKSet.from_dict(answer.json()).keys
        wanted = jwt.get_unverified_header(id_token).get("kid")
        fitting = [key for key in keys if key.key_id == wanted or wanted is None]
        if len(fitting) != 1:
            raise OAuth2Error("no key of the provider is named by the token")
        return jwt.decode(
            id_token,
            fitting[0].key,
            algorithms=_PUBLIC_KEY_ALGORITHMS,
            issuer=issuer,
            audience=client_id,
            leeway=30,
            options={"require": ["exp", "iat", "sub", "iss", "aud"]},
        )


@login_not_required
@require_safe
def sign_in_with(request: HttpRequest, provider_id: int) -> HttpResponse:
    """Off to the provider. A link and no form, since a page of ours may send forms to us alone."""
    try:
        provider = get_adapter().get_provider(request, str(provider_id))
    except SocialApp.DoesNotExist:
        raise Http404 from None
    try:
        response: HttpResponse = provider.redirect(request, "login", next_url=next_page(request) or None)
    except _FAILED:
        return _refused(request, _broken(provider.name))
    return response


@login_not_required
@require_safe
def back_from_provider(request: HttpRequest, provider_id: int) -> HttpResponse:
    """Back from OpenID Connect, with a code that is exchanged for who they are."""
    adapter = OpenIdConnect(request, str(provider_id))
    try:
        provider = adapter.get_provider()
    except SocialApp.DoesNotExist:
        raise Http404 from None
    if provider.app.provider != "openid_connect":
        raise Http404
    try:
        response: HttpResponse = OAuth2CallbackView.adapter_view(adapter)(request)
    except _FAILED:
        return _refused(request, _broken(provider.name))
    return response


@login_not_required
@require_safe
def back_from_saml(request: HttpRequest, organization_slug: int) -> HttpResponse:
    """Back from SAML, the second half: in the browser's own session, which the provider's form came without."""
    from allauth.socialaccount.providers.saml.views import finish_acs

    try:
        response: HttpResponse = finish_acs(request, organization_slug=organization_slug)
    except (*_FAILED, PermissionDenied, SyntaxError):  # the last is lxml's, for what is no XML
        return _refused(request, _broken(_("your institution")))
    return response


@login_not_required
def not_offered(request: HttpRequest, organization_slug: int) -> HttpResponse:
    """Signing out at the provider: allauth's metadata names an address for it, and there is nothing behind."""
    raise Http404


def _app(row: IdentityProvider) -> SocialApp:
    same = {"name": row.label, "provider_id": str(row.pk)}
    if row.protocol == OIDC:
        secret = unseal(row.sealed_secret) if row.sealed_secret else ""
        how = {"server_url": row.server, "oauth_pkce_enabled": True, "scope": ["openid", "profile", "email"]}
        return SocialApp(provider="openid_connect", client_id=row.client_id, secret=secret, settings=how, **same)
    idp = {"entity_id": row.server, "sso_url": row.sign_in_url, "x509cert": row.certificate}
    advanced = {"want_assertion_signed": True, "want_name_id": True, "reject_idp_initiated_sso": True}
    advanced |= {"want_attribute_statement": False, "allow_single_label_domains": True}
    return SocialApp(provider="saml", client_id=str(row.pk), settings={"idp": idp, "advanced": advanced}, **same)


def _claims(row: IdentityProvider, login: SocialLogin) -> Claims:
    said: dict[str, Any] = login.account.extra_data
    said = said.get("userinfo", said)
    subject = login.account.uid
    names = _texts(said.get(row.username_claim))
    shown = _texts(said.get("name")) or _texts(said.get("displayName"))
    return Claims(
        subject=str(subject),
        username=names[0] if names else "",
        name=shown[0] if shown else "",
        role_values=tuple(_texts(said.get(row.role_claim))),
    )


def _texts(value: Any) -> list[str]:
    """A claim is a text or a list of them; whatever else it holds is not taken."""
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, str)]


def _refused(request: HttpRequest, sentence: str) -> HttpResponse:
    messages.error(request, sentence)
    return redirect("sign-in")


def _no_account(row: IdentityProvider) -> str:
    return _("%(provider)s knows you, but there is no account for you here. Ask an administrator.") % {
        "provider": row.label
    }


def _broken(name: str) -> str:
    return _("Signing in with %(provider)s did not work. Try again, or sign in with a password.") % {"provider": name}
