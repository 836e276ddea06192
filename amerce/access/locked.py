"""The lock under which roles and accounts are changed, and the rule that an institution can always change them.

Why one lock for all: such changes are rare, and the last two administrators must not take each other's role away at
the same time.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.conf import settings
from django.db import models, transaction

from amerce.access.actors import Actor
from amerce.access.models import Account, RoleAssignment
from amerce.access.privileges import Privilege
from amerce.access.roles import roles_of
from amerce.inputs.checks import possible_ids
from amerce.inputs.errors import Refused, RowNotFound

_NEEDED = frozenset({Privilege.ROLE_EDIT, Privilege.ACCOUNT_EDIT})


class NobodyLeft(Refused):
    """After this nobody who can sign in would hold ``privilege`` everywhere, so nobody could put it right again."""

    def __init__(self, privilege: Privilege) -> None:
        super().__init__(f"nobody would hold {privilege} any more")
        self.privilege = privilege


@contextmanager
def locked_access(actor: Actor) -> Iterator[None]:
    """A transaction in which the roles and accounts of the actor's institution are changed by nobody else.

    Raises ``NobodyLeft`` at its end, which undoes it, if somebody could edit roles and accounts before and nobody can.
    """
    with transaction.atomic():
        # By its name, since it stands above this package; institutions.configuring locks the same row.
        institution: type[models.Model] = apps.get_model("institutions", "Institution")
        institution._default_manager.select_for_update(of=("self",), no_key=True).get(pk=actor.institution_id)
        before = _held_everywhere(actor.institution_id)
        yield
        for privilege in sorted(before - _held_everywhere(actor.institution_id)):
            raise NobodyLeft(privilege)


def account_to_change(actor: Actor, account_id: int) -> Account:
    """An account of the actor's institution. Raises ``RowNotFound``."""
    found = Account.objects.filter(institution_id=actor.institution_id, pk__in=possible_ids([account_id])).first()
    if found is None:
        raise RowNotFound(account_id)
    return found


def _held_everywhere(institution_id: int) -> frozenset[Privilege]:
    """Those of the needed privileges that somebody who can sign in holds in the whole institution. Two queries."""
    given = RoleAssignment.objects.filter(institution_id=institution_id, library=None, account__is_active=True)
    if not settings.DEMO:
        given = given.filter(account__is_demo=False)
    roles = roles_of(institution_id)
    held = {code: roles[code].privileges for code in given.values_list("role", flat=True).distinct() if code in roles}
    return frozenset(privilege for privileges in held.values() for privilege in privileges) & _NEEDED
