"""Changing the name of an account, and whether it can sign in."""

from dataclasses import dataclass
from datetime import datetime

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.create_account import NAME_LIMIT
from amerce.access.locked import account_to_change, locked_access
from amerce.access.models import Account
from amerce.access.privileges import Privilege
from amerce.events.record import record
from amerce.inputs.checks import checked_name
from amerce.inputs.errors import Refused
from amerce.inputs.stamp import require_unchanged

CHANGED = "account.changed"


class OwnAccount(Refused):
    """Nobody shuts themselves out by a slip of the hand; somebody else can."""

    field = "is_active"


@dataclass(frozen=True, kw_only=True)
class AccountFacts:
    """What may be changed of an account; the user name stays, since it stands on everything that was done with it."""

    name: str
    is_active: bool

    @classmethod
    def of(cls, account: Account) -> "AccountFacts":
        return cls(name=account.name, is_active=account.is_active)


def edit_account(
    *, actor: Actor, at: datetime, account_id: int, facts: AccountFacts, expected_stamp: str | None = None
) -> bool:
    """Make an account say ``facts``; false when it did already. One that is not active is signed out at once.

    ``expected_stamp`` is that of ``AccountFacts.of`` when the page was made. Raises ``NotAllowed``, ``RowNotFound``,
    ``OutOfDate``, ``NameMissing``, ``TextTooLong``, ``TextMalformed``, ``OwnAccount``, ``NobodyLeft``.
    """
    require_for(actor, Privilege.ACCOUNT_EDIT, EVERYWHERE)
    facts = AccountFacts(name=checked_name("name", facts.name, NAME_LIMIT), is_active=facts.is_active)
    with locked_access(actor):
        account = account_to_change(actor, account_id)
        before = AccountFacts.of(account)
        if before == facts:
            return False
        require_unchanged(before, expected_stamp)
        if account.pk == actor.account_id and not facts.is_active:
            raise OwnAccount(account.pk)
        account.name, account.is_active = facts.name, facts.is_active
        account.updated_by, account.updated_at = actor.name, at
        account.save(update_fields=["name", "is_active", "updated_by", "updated_at"])
        data = {
            "row": account.pk,
            "fields": [each for each in ("name", "is_active") if getattr(before, each) != getattr(facts, each)],
            "before": {"is_active": before.is_active},
            "after": {"is_active": facts.is_active},
        }
        record(CHANGED, actor=actor, at=at, data=data)
    return True
