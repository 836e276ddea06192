"""Reading accounts."""

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Count, Q, QuerySet

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.models import Account, AccountPreference, RoleAssignment
from amerce.access.privileges import Privilege
from amerce.inputs.checks import can_be_stored, possible_ids
from amerce.inputs.errors import RowNotFound


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


def staff_accounts(actor: Actor, typed: str = "", role: str = "") -> QuerySet[Account]:
    """The accounts by name, with their roles: those with ``typed`` in the name or user name that hold ``role``."""
    require_for(actor, Privilege.ACCOUNT_EDIT, EVERYWHERE)
    accounts = Account.objects.filter(institution_id=actor.institution_id).order_by("name", "username")
    if not can_be_stored(typed + role):
        return accounts.none()
    if typed:
        accounts = accounts.filter(Q(name__icontains=typed) | Q(username__icontains=typed))
    if role:
        accounts = accounts.filter(
            pk__in=RoleAssignment.objects.filter(institution_id=actor.institution_id, role=role).values("account")
        )
    return accounts.prefetch_related("roles__library", "roles__provider")


def get_account(actor: Actor, account_id: int) -> Account:
    """One account of the institution. Raises ``RowNotFound``."""
    require_for(actor, Privilege.ACCOUNT_EDIT, EVERYWHERE)
    mine = Account.objects.filter(institution_id=actor.institution_id, pk__in=possible_ids([account_id]))
    found = mine.prefetch_related("roles__library", "roles__provider").first()
    if found is None:
        raise RowNotFound(account_id)
    return found


def holders(institution_id: int) -> dict[str, int]:
    """How many accounts hold each role, by its code, wherever they hold it. One query."""
    held = RoleAssignment.objects.filter(institution_id=institution_id).values_list("role")
    return dict(held.annotate(accounts=Count("account", distinct=True)))
