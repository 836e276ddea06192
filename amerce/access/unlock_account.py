"""Lifting the lock that failed sign-ins put on an account."""

from datetime import datetime

from django.db import transaction

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.attempts import forget_failures
from amerce.access.can import require_for
from amerce.access.models import Account
from amerce.access.privileges import Privilege
from amerce.events.record import record
from amerce.inputs.errors import RowNotFound


def unlock_account(*, actor: Actor, at: datetime, username: str) -> bool:
    """Let the account of that name in the actor's institution sign in again. False when nothing stood in its way.

    Raises ``NotAllowed``, ``RowNotFound``.
    """
    require_for(actor, Privilege.ACCOUNT_EDIT, EVERYWHERE)
    with transaction.atomic():
        name = username.strip().casefold()
        account = Account.objects.filter(institution_id=actor.institution_id, username=name).first()
        if account is None:
            raise RowNotFound(username)
        was_locked = forget_failures(account)
        if was_locked:
            record("account.unlocked", actor=actor, at=at, data={"account": account.pk})
        return was_locked
