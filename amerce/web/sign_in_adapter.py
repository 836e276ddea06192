"""What allauth asks of us: how signing in ends, whichever way it went, and how second factors are kept."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.internal.httpkit import clean_client_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from amerce.access.actors import Actor
from amerce.access.models import Account
from amerce.access.sealed import seal, unseal
from amerce.access.second_factor import has_second_factor
from amerce.access.sign_in_settings import needs_second_factor
from amerce.events.record import record

PASSWORD, SECOND_FACTOR = "password", "second_factor"
NO_ADDRESS = "0.0.0.0"  # noqa: S104 - a name for all who come by a socket without an address, not one to listen on
MUST = "must"
"""The key in the session of what has to be done before anything else, a list of the two above."""


class SignInAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Signs in with a new session key and an event; says nothing in words and mails of its own."""

    def login(self, request: HttpRequest, user: Account) -> None:
        super().login(request, user)
        methods = _methods(request, user)
        request.session[MUST] = duties_of(request, user)
        actor = Actor(user.pk, user.institution_id, user.username)
        record("session.signed_in", actor=actor, at=timezone.now(), data={"methods": methods})

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address of the browser, past as many proxies as AMERCE_PROXIES says.

        Where fewer stand before the server than it says, the farthest that they saw: nobody is shut out by that.
        """
        proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
        seen = request.headers.get("X-Forwarded-For", "").split(",")[-proxies:][:1] if proxies else []
        found = (clean_client_ip(each) for each in (*seen, request.META.get("REMOTE_ADDR") or ""))
        return next(filter(None, found), NO_ADDRESS)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: our pages say what was done."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: accounts have no address; what was done is an event."""


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps secrets of second factors so that a copy of the database alone opens nothing."""

    def get_totp_issuer(self) -> str:
        return "Amerce"

    def _get_site_name(self) -> str:
        return "Amerce"

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)


def duties_of(request: HttpRequest, account: Account) -> list[str]:
    """What goes under ``MUST``. Who came by a provider has none: passwords and second factors are asked for there."""
    if PASSWORD not in _methods(request, account):
        return []
    must = [PASSWORD] if account.must_change_password else []
    if needs_second_factor(account) and not has_second_factor(account):
        must.append(SECOND_FACTOR)
    return must


def _methods(request: HttpRequest, account: Account) -> list[str]:
    return [each.get("type", each["method"]) for each in get_authentication_records(request, account)]
