"""Giving an account a role, everywhere in the institution or in one library, and taking it away again (row F2)."""

from datetime import datetime

from django.apps import apps

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.edit_account import CHANGED
from amerce.access.locked import account_to_change, locked_access
from amerce.access.models import Account, RoleAssignment
from amerce.access.privileges import Privilege
from amerce.access.roles import roles_of
from amerce.access.second_factor import has_second_factor
from amerce.access.sessions import end_sessions_of
from amerce.access.sign_in_settings import sign_in_settings
from amerce.events.record import record
from amerce.inputs.checks import checked_row, possible_ids
from amerce.inputs.errors import ChoiceUnknown, RowNotFound

_Held = list[tuple[str, int | None]]


def assign_role(*, actor: Actor, at: datetime, account_id: int, role: str, library_id: int | None = EVERYWHERE) -> bool:
    """Give ``role`` to an account; false when it held it there already. It holds from their next page on.

    Where the role demands a second factor and the account has none, it is signed out to set one up, unless it is the
    actor's own, of whom the page asks for it.
    Raises ``NotAllowed``, ``RowNotFound``, ``ChoiceUnknown`` for the role or the library.
    """
    require_for(actor, Privilege.ROLE_EDIT, EVERYWHERE)
    with locked_access(actor):
        account = account_to_change(actor, account_id)
        if role not in roles_of(actor.institution_id):
            raise ChoiceUnknown("role")
        if library_id is not None:
            checked_row("library_id", apps.get_model("institutions", "Library"), actor.institution_id, pk=library_id)
        before = _held(account)
        if (role, library_id) in before:
            return False
        RoleAssignment.objects.create(
            institution_id=actor.institution_id, account=account, role=role, library_id=library_id
        )
        _record(actor, at, account, before)
        demands = role in sign_in_settings(actor.institution_id).second_factor_roles
        if demands and account.pk != actor.account_id and not has_second_factor(account):
            end_sessions_of([account.pk])
    return True


def revoke_role(*, actor: Actor, at: datetime, account_id: int, assignment_id: int) -> None:
    """Take a role away from an account, in the place for which it was given.

    Raises ``NotAllowed``, ``RowNotFound``, also for one that was taken away before, ``NobodyLeft``.
    """
    require_for(actor, Privilege.ROLE_EDIT, EVERYWHERE)
    with locked_access(actor):
        account = account_to_change(actor, account_id)
        before = _held(account)
        taken, _rows = account.roles.filter(pk__in=possible_ids([assignment_id])).delete()
        if not taken:
            raise RowNotFound(assignment_id)
        _record(actor, at, account, before)


def _held(account: Account) -> _Held:
    return list(account.roles.order_by("role", "library_id").values_list("role", "library_id"))


def _record(actor: Actor, at: datetime, account: Account, before: _Held) -> None:
    account.updated_by, account.updated_at = actor.name, at
    account.save(update_fields=["updated_by", "updated_at"])
    data = {"row": account.pk, "fields": ["roles"], "before": {"roles": before}, "after": {"roles": _held(account)}}
    record(CHANGED, actor=actor, at=at, data=data)
