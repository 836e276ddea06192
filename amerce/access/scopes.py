"""What an API key may be given, and the privileges that each scope stands for.

Why not roles: a role says what a person may do at a desk, and its privileges change with the people; a program is
told in its documentation which scopes its calls take.
"""

import re
from collections.abc import Iterable, Mapping

from amerce.access.privileges import Privilege
from amerce.inputs.errors import ChoiceUnknown, NameMissing, Refused

SCOPES: Mapping[str, frozenset[Privilege]] = {
    "users:read": frozenset({Privilege.PATRON_VIEW, Privilege.PATRON_FIND_BY_NAME}),
    "users:write": frozenset(
        {Privilege.PATRON_VIEW, Privilege.PATRON_FIND_BY_NAME, Privilege.PATRON_EDIT, Privilege.BLOCK_SET}
    ),
    "fees:read": frozenset({Privilege.PATRON_VIEW}),
    "fees:create": frozenset({Privilege.PATRON_VIEW, Privilege.FEE_ADD, Privilege.FEE_CREDIT}),
    "fees:pay": frozenset({Privilege.PATRON_VIEW, Privilege.FEE_PAY}),
    "fees:waive": frozenset({Privilege.PATRON_VIEW, Privilege.FEE_WAIVE}),
    "fees:dispute": frozenset({Privilege.PATRON_VIEW, Privilege.FEE_DISPUTE, Privilege.FEE_RESTORE}),
    "fees:correct": frozenset({Privilege.PATRON_VIEW, Privilege.FEE_CORRECT, Privilege.FEE_REFUND}),
    "loans:read": frozenset({Privilege.PATRON_VIEW}),
    "conf:read": frozenset(),
    "reports:read": frozenset({Privilege.PATRON_VIEW}),
    "events:read": frozenset({Privilege.EVENT_VIEW}),
    "jobs:read": frozenset({Privilege.JOB_VIEW}),
    "jobs:run": frozenset({Privilege.JOB_VIEW, Privilege.JOB_RUN}),
    "bulk:waive": frozenset({Privilege.PATRON_VIEW, Privilege.BULK_WAIVE, Privilege.JOB_VIEW}),
    "bursar:read": frozenset({Privilege.BURSAR_VIEW}),
    "bursar:run": frozenset({Privilege.BURSAR_VIEW, Privilege.FEE_EXPORT, Privilege.JOB_VIEW}),
}
"""Scope to the privileges that the actor of a call holds by it."""
OF_EVERY_LIBRARY = frozenset({"jobs:read", "jobs:run", "bulk:waive", "bursar:read", "bursar:run"})
"""What these let a program do or see goes over all libraries at once, so a key of one library cannot hold them."""
ALL = "all"
"""Every scope there is, where scopes are given."""


class ScopeOfEveryLibrary(Refused):
    """A key of one library cannot hold ``scope``."""

    field = "scopes"

    def __init__(self, scope: str) -> None:
        super().__init__(scope)
        self.scope = scope


def checked_scopes(given: Iterable[str], *, in_one_library: bool = False) -> tuple[str, ...]:
    """The scopes in their order, without repetition; ``all`` is every one that the key can hold, and ``fees.pay`` is
    ``fees:pay``.

    Raises ``NameMissing`` for none, ``ChoiceUnknown`` for one that is not there, ``ScopeOfEveryLibrary``.
    """
    named = {re.sub(r"[\s._:/-]+", ":", each.strip().casefold()) for each in given}
    if not named:
        raise NameMissing("scopes")
    if named - {ALL} - set(SCOPES):
        raise ChoiceUnknown("scopes")
    found = tuple(each for each in SCOPES if each in named)
    for scope in found:
        if in_one_library and scope in OF_EVERY_LIBRARY:
            raise ScopeOfEveryLibrary(scope)
    return found if ALL not in named else tuple(each for each in SCOPES if each in held(SCOPES, in_one_library))


def held(scopes: Iterable[str], in_one_library: bool) -> frozenset[str]:
    """Those of ``scopes`` that hold for a key, whatever it was once given."""
    return frozenset(scopes) - OF_EVERY_LIBRARY if in_one_library else frozenset(scopes)


def privileges_of(scopes: Iterable[str]) -> frozenset[Privilege]:
    """What these scopes allow together. One that is not there any more allows nothing."""
    return frozenset(privilege for each in scopes for privilege in SCOPES.get(each, frozenset()))
