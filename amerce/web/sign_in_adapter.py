"""What happens at the end of signing in, whichever way it went: allauth asks here."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from django.http import HttpRequest
from django.utils import timezone

from amerce.access.actors import Actor
from amerce.access.models import Account
from amerce.events.record import record


class SignInAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Signs in with a new session key and an event; says nothing in words and mails of its own."""

    def login(self, request: HttpRequest, user: Account) -> None:
        super().login(request, user)
        methods = [each.get("type", each["method"]) for each in get_authentication_records(request, user)]
        actor = Actor(user.pk, user.institution_id, user.username)
        record("session.signed_in", actor=actor, at=timezone.now(), data={"methods": methods})

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: our pages say what was done."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: accounts have no address; what was done is an event."""
