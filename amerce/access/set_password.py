"""Setting a temporary password for somebody who cannot sign in any more."""

import secrets
from datetime import datetime

from django.contrib.auth.password_validation import validate_password

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.attempts import forget_failures
from amerce.access.can import require_for
from amerce.access.locked import account_to_change, locked_access
from amerce.access.models import Account
from amerce.access.privileges import Privilege
from amerce.access.roles import roles_of
from amerce.events.record import record

_EASY_TO_READ_OUT = "abcdefghkmnpqrstuvwxyz23456789"


def suggested_password() -> str:
    """A new password that nobody guesses and that can be read out: sixteen letters and digits in fours, 78 bits."""
    return "-".join("".join(secrets.choice(_EASY_TO_READ_OUT) for _each in range(4)) for _group in range(4))


def set_password(*, actor: Actor, at: datetime, account_id: int, password: str) -> None:
    """Give an account a password that it has to change at the next sign-in.

    It is signed out everywhere, and the lock that failed sign-ins put on it is lifted.

    For the account of somebody who may edit roles the actor needs that, too: with the password they could be them.
    Raises ``NotAllowed``, ``RowNotFound``, and ``django.core.exceptions.ValidationError`` for a password against the
    rules.
    """
    require_for(actor, Privilege.ACCOUNT_EDIT, EVERYWHERE)
    with locked_access(actor):
        account = account_to_change(actor, account_id)
        if may_edit_roles(account):
            require_for(actor, Privilege.ROLE_EDIT, EVERYWHERE)
        validate_password(password, account)
        account.set_password(password)
        account.must_change_password = True
        account.updated_by, account.updated_at = actor.name, at
        account.save(update_fields=["password", "must_change_password", "updated_by", "updated_at"])
        forget_failures(account)
        record("account.password_set", actor=actor, at=at, data={"row": account.pk})


def may_edit_roles(account: Account) -> bool:
    """Whether a role of the account lets it edit roles somewhere. Two queries."""
    roles = roles_of(account.institution_id)
    held = account.roles.values_list("role", flat=True)
    return any(Privilege.ROLE_EDIT in roles[code].privileges for code in held if code in roles)
