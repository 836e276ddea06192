"""Changing one's own password."""

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.models import Account
from amerce.events.record import record
from amerce.inputs.errors import Refused


class PasswordWrong(Refused):
    """The password they have now is another."""

    field = "current"


class PasswordSame(Refused):
    """The new password is the one of before."""

    field = "password"


def change_password(*, actor: Actor, at: datetime, current: str, password: str) -> Account:
    """Give the actor's account a new password; every other session of it ends, since Django ties them to it.

    Whoever calls counts failures (``attempts``). Raises ``PasswordWrong``, ``PasswordSame``, and
    ``django.core.exceptions.ValidationError`` for a password against the rules.
    """
    with transaction.atomic():
        account = Account.objects.select_for_update().get(pk=actor.account_id or 0)
        if not account.check_password(current):
            raise PasswordWrong
        if account.check_password(password):
            raise PasswordSame
        validate_password(password, account)
        account.set_password(password)
        account.must_change_password = False
        account.save(update_fields=["password", "must_change_password"])
        record("account.password_changed", actor=actor, at=at, data={"row": account.pk})
    return account
