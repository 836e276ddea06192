"""Sign-in with a username and password kept here."""

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password

from amerce.access.models import Account


class LocalAccounts(BaseBackend):
    """Checks a username, in any case, and a password. Demo accounts only work in demo mode."""

    def authenticate(
        self, request: Any, username: str | None = None, password: str | None = None, **_: Any
    ) -> Account | None:
        if not username or "\0" in username or password is None:
            return None
        try:
            account = Account.objects.get_by_natural_key(username)
        except Account.DoesNotExist:
            make_password(password)  # as slow as a wrong password, so that time tells nothing
            return None
        if not account.check_password(password) or not account.is_active:
            return None
        return None if account.is_demo and not settings.DEMO else account

    def get_user(self, user_id: int) -> Account | None:
        account = Account.objects.select_related("institution").filter(pk=user_id, is_active=True).first()
        return None if account and account.is_demo and not settings.DEMO else account
