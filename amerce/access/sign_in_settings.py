"""Which roles have to show a second factor."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.locked import locked_access
from amerce.access.models import Account, RoleAssignment, SignInSettings
from amerce.access.privileges import Privilege
from amerce.access.roles import roles_of
from amerce.access.sessions import end_sessions_of
from amerce.events.record import record
from amerce.inputs.errors import ChoiceUnknown
from amerce.inputs.stamp import require_unchanged


@dataclass(frozen=True)
class SettingsSaid:
    """What the settings say. The codes of roles are in the order of the alphabet."""

    second_factor_roles: tuple[str, ...] = ()


def sign_in_settings(institution_id: int) -> SettingsSaid:
    """The settings of an institution. One query."""
    kept = SignInSettings.objects.filter(institution_id=institution_id).values_list("second_factor_roles", flat=True)
    return SettingsSaid(tuple(sorted(kept.first() or ())))


def save_sign_in_settings(
    *, actor: Actor, at: datetime, settings: SettingsSaid, expected_stamp: str | None = None
) -> bool:
    """Make the settings say ``settings``; false when they did already. They hold from each next sign-in on.

    Who holds a role that is new among them and has no second factor is signed out to set one up, but for the actor.
    ``expected_stamp`` is that of ``sign_in_settings`` when the page was made. Raises ``NotAllowed``, ``OutOfDate``,
    ``ChoiceUnknown`` for a role that is not there.
    """
    require_for(actor, Privilege.ROLE_EDIT, EVERYWHERE)
    wanted = SettingsSaid(tuple(sorted(set(settings.second_factor_roles))))
    with locked_access(actor):
        before = sign_in_settings(actor.institution_id)
        if wanted == before:
            return False
        require_unchanged(before, expected_stamp)
        if set(wanted.second_factor_roles) - set(roles_of(actor.institution_id)):
            raise ChoiceUnknown("second_factor_roles")
        SignInSettings.objects.update_or_create(
            institution_id=actor.institution_id,
            defaults={
                "second_factor_roles": list(wanted.second_factor_roles),
                "updated_by": actor.name,
                "updated_at": at,
            },
        )
        data = {
            "row": actor.institution_id,
            "before": {"second_factor_roles": list(before.second_factor_roles)},
            "after": {"second_factor_roles": list(wanted.second_factor_roles)},
        }
        _sign_out(actor, set(wanted.second_factor_roles) - set(before.second_factor_roles))
        record("sign_in_settings.changed", actor=actor, at=at, data=data)
    return True


def needs_second_factor(account: Account) -> bool:
    """Whether a role of the account, wherever it holds, demands one. One query, two where some role does."""
    roles = sign_in_settings(account.institution_id).second_factor_roles
    return bool(roles) and RoleAssignment.objects.filter(account=account, role__in=roles).exists()


def _sign_out(actor: Actor, roles: Collection[str]) -> None:
    """Why not the actor: the answer to this very request would fail. The page asks them for their own."""
    holders = RoleAssignment.objects.filter(institution_id=actor.institution_id, role__in=roles)
    have_one = Authenticator.objects.filter(type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN])
    without = holders.exclude(account__in=have_one.values("user")).exclude(account=actor.account_id or 0)
    end_sessions_of(list(without.values_list("account", flat=True).distinct()))
