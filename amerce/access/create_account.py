"""Making an account that can sign in."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.models import Account, RoleAssignment
from amerce.access.privileges import Privilege
from amerce.access.roles import roles_of
from amerce.events.record import record
from amerce.inputs.checks import checked_name
from amerce.inputs.errors import NameTaken, Refused

NAME_LIMIT = 150


class RoleUnknown(LookupError):
    """No role has this code."""


class UsernameMalformed(Refused):
    """A user name has no spaces in it: they are not seen, and sign-in would not find the name again."""

    field = "username"


def create_account(
    *,
    actor: Actor,
    at: datetime,
    username: str,
    name: str,
    password: str,
    roles: Sequence[str] = (),
    must_change_password: bool = False,
) -> Account:
    """Make an account in the actor's institution with ``roles`` everywhere in it.

    Who gives roles needs to be allowed that too, else the first account somebody makes could be their own with more
    than they have. With ``must_change_password`` the first sign-in asks for another password.
    Raises ``NotAllowed``, ``RoleUnknown``, ``NameMissing``, ``TextTooLong``, ``TextMalformed``, ``UsernameMalformed``,
    ``NameTaken`` if somebody, perhaps in another institution, signs in with this name, and, for a password against the
    rules, ``django.core.exceptions.ValidationError``.
    """
    require_for(actor, Privilege.ACCOUNT_CREATE, EVERYWHERE)
    if roles:
        require_for(actor, Privilege.ROLE_EDIT, EVERYWHERE)
        known = roles_of(actor.institution_id)
        for role in roles:
            if role not in known:
                raise RoleUnknown(role)
    username = checked_name("username", username, NAME_LIMIT).casefold()
    if len(username.split()) > 1:
        raise UsernameMalformed(username)
    account = Account(
        institution_id=actor.institution_id,
        username=username,
        name=checked_name("name", name, NAME_LIMIT),
        must_change_password=must_change_password,
        updated_by=actor.name,
        updated_at=at,
    )
    validate_password(password, account)
    with transaction.atomic():
        if Account.objects.filter(username=username).exists():
            raise NameTaken("username", username)
        account.set_password(password)
        account.save()
        RoleAssignment.objects.bulk_create(
            RoleAssignment(institution_id=actor.institution_id, account=account, role=role) for role in roles
        )
        record("account.created", actor=actor, at=at, data={"account": account.pk, "roles": list(roles)})
    return account
