"""Making an account that can sign in."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.models import Account, RoleAssignment
from amerce.access.privileges import ROLES, Privilege
from amerce.events.record import record


class RoleUnknown(LookupError):
    """No role has this code."""


class UsernameTaken(ValueError):
    """Somebody, perhaps in another institution, signs in with this name."""


def create_account(
    *, actor: Actor, at: datetime, username: str, name: str, password: str, roles: Sequence[str]
) -> Account:
    """Make an account in the actor's institution with ``roles`` everywhere in it.

    Raises ``NotAllowed``, ``RoleUnknown``, ``UsernameTaken`` and, for a password against the rules,
    ``django.core.exceptions.ValidationError``.
    """
    require_for(actor, Privilege.ACCOUNT_CREATE, EVERYWHERE)
    for role in roles:
        if role not in ROLES:
            raise RoleUnknown(role)
    account = Account(institution_id=actor.institution_id, username=username.strip().casefold(), name=name)
    validate_password(password, account)
    with transaction.atomic():
        if Account.objects.filter(username=account.username).exists():
            raise UsernameTaken(account.username)
        account.set_password(password)
        account.save()
        RoleAssignment.objects.bulk_create(
            RoleAssignment(institution_id=actor.institution_id, account=account, role=role) for role in roles
        )
        record("account.created", actor=actor, at=at, data={"account": account.pk, "roles": list(roles)})
    return account
