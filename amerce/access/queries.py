"""Reading accounts."""

from collections.abc import Collection, Iterable
from typing import Any

from amerce.access.actors import Actor
from amerce.access.models import Account, AccountPreference


def account_names(institution_id: int, account_ids: Collection[int]) -> dict[int, str]:
    """The names of people by account id, without those whose name is not known. One query."""
    accounts = Account.objects.filter(institution_id=institution_id, pk__in=account_ids).exclude(name="")
    return dict(accounts.values_list("pk", "name"))


def names_by_login(institution_id: int, logins: Iterable[str]) -> dict[str, str]:
    """The names of people by the login that a row keeps of who wrote it, as far as they are known. One query.

    Jobs and imports have no account, and so no name but the one that is kept.
    """
    accounts = Account.objects.filter(institution_id=institution_id, username__in=set(logins)).exclude(name="")
    return dict(accounts.values_list("username", "name"))


def preference(actor: Actor, name: str) -> Any:
    """What ``actor`` likes under ``name``; None when they never said. One query."""
    if actor.account_id is None:
        return None
    kept = AccountPreference.objects.filter(institution_id=actor.institution_id, account_id=actor.account_id, name=name)
    return kept.values_list("value", flat=True).first()
