"""The account of somebody whom a provider vouches for, with the roles that its claims give."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.attempts import Stranger
from amerce.access.create_account import NAME_LIMIT, UsernameMalformed
from amerce.access.locked import NobodyLeft, locked_access
from amerce.access.models import Account, IdentityProvider, ProviderIdentity, RoleAssignment
from amerce.access.roles import roles_of
from amerce.events.record import record
from amerce.inputs.checks import checked_name
from amerce.inputs.errors import Refused

SUBJECT_LIMIT = 255


class NoAccountHere(Refused):
    """The provider vouches for somebody who has no account here, or none that may sign in; ``because`` says which."""

    def __init__(self, because: str) -> None:
        super().__init__(because)
        self.because = because


@dataclass(frozen=True)
class Claims:
    """What a provider says of somebody. ``subject`` is its own id of them, which never changes."""

    subject: str
    username: str
    name: str = ""
    role_values: tuple[str, ...] = ()


def sign_in_by_provider(*, at: datetime, provider: IdentityProvider, claims: Claims) -> Account:
    """The account that ``claims`` mean, made if the provider makes accounts, with its roles as the claims say now.

    Roles given by hand stay. Where the claims would leave nobody who can edit roles and accounts, roles stay as they
    were. Raises ``NoAccountHere``, which is an event.
    """
    try:
        try:
            return _settle(at, provider, claims, with_roles=True)
        except NobodyLeft:
            return _settle(at, provider, claims, with_roles=False)
    except Refused as refused:
        because = refused.because if isinstance(refused, NoAccountHere) else "malformed"
        who = Stranger(institution_id=provider.institution_id)
        record("session.refused", actor=who, at=at, data={"provider": provider.pk, "because": because})
        raise NoAccountHere(because) from None


def _settle(at: datetime, provider: IdentityProvider, claims: Claims, *, with_roles: bool) -> Account:
    actor = Actor(None, provider.institution_id, provider.label)
    with locked_access(actor), transaction.atomic():
        account = _known(provider, claims) or _linked(actor, at, provider, claims)
        if not account.is_active or (account.is_demo and not settings.DEMO):
            raise NoAccountHere("inactive")
        if with_roles and provider.role_claim:
            _give_roles(actor, at, provider, account, claims.role_values)
    return account


def _known(provider: IdentityProvider, claims: Claims) -> Account | None:
    found = ProviderIdentity.objects.filter(provider=provider, subject=claims.subject).select_related("account").first()
    return found.account if found else None


def _linked(actor: Actor, at: datetime, provider: IdentityProvider, claims: Claims) -> Account:
    if not claims.subject or len(claims.subject) > SUBJECT_LIMIT:
        raise NoAccountHere("malformed")
    username = checked_name("username", claims.username, NAME_LIMIT).casefold()
    account = Account.objects.filter(username=username).first()
    if account is None:
        account = _made(actor, at, provider, username, claims.name)
    is_taken = ProviderIdentity.objects.filter(provider=provider, account=account).exists()
    if account.institution_id != provider.institution_id or is_taken:
        raise NoAccountHere("name_taken")
    ProviderIdentity.objects.create(
        institution_id=provider.institution_id, provider=provider, account=account, subject=claims.subject
    )
    record("account.linked", actor=actor, at=at, data={"row": account.pk, "provider": provider.pk})
    return account


def _made(actor: Actor, at: datetime, provider: IdentityProvider, username: str, name: str) -> Account:
    if not provider.makes_accounts:
        raise NoAccountHere("no_account")
    if len(username.split()) > 1:
        raise UsernameMalformed(username)
    account = Account(
        institution_id=provider.institution_id,
        username=username,
        name=checked_name("name", name or username, NAME_LIMIT),
        updated_by=provider.label,
        updated_at=at,
    )
    account.set_unusable_password()
    account.save()
    record("account.created", actor=actor, at=at, data={"account": account.pk, "roles": [], "provider": provider.pk})
    return account


def _give_roles(
    actor: Actor, at: datetime, provider: IdentityProvider, account: Account, values: Sequence[str]
) -> None:
    known = roles_of(provider.institution_id)
    given = provider.roles.filter(value__in=values, role__in=known)
    wanted = {(each.role, each.library_id) for each in given}
    rows = list(RoleAssignment.objects.filter(account=account))
    held = {(row.role, row.library_id): row for row in rows}
    gone = [row.pk for place, row in held.items() if row.provider_id == provider.pk and place not in wanted]
    new = sorted(wanted - held.keys(), key=str)
    if not gone and not new:
        return
    RoleAssignment.objects.filter(pk__in=gone).delete()
    RoleAssignment.objects.bulk_create(
        RoleAssignment(
            institution_id=provider.institution_id, account=account, role=role, library_id=library_id, provider=provider
        )
        for role, library_id in new
    )
    after = RoleAssignment.objects.filter(account=account).order_by("role", "library_id")
    data = {
        "row": account.pk,
        "fields": ["roles"],
        "provider": provider.pk,
        "before": {"roles": sorted(([*place] for place in held), key=str)},
        "after": {"roles": [list(each) for each in after.values_list("role", "library_id")]},
    }
    record("account.changed", actor=actor, at=at, data=data)
