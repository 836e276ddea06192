"""Keeping how somebody likes a page (row A6: the columns of the loans persist for the login).

Why no privilege and no event: it is one's own, changes nothing for anybody else, and nobody will ever ask who
moved a column. Why not a cookie: the same person works at another desk tomorrow.
"""

import json
from typing import Any

from amerce.access.actors import Actor
from amerce.access.models import AccountPreference

VALUE_LIMIT = 2_000
"""Characters of the value as JSON."""


class PreferenceTooLong(ValueError):
    """``name`` would hold more than ``VALUE_LIMIT`` characters."""

    def __init__(self, name: str) -> None:
        super().__init__(f"preference {name} is too long")
        self.name = name


def set_preference(*, actor: Actor, name: str, value: Any) -> None:
    """Keep ``value``, anything JSON can hold, under ``name`` for the account of ``actor``, in place of what was there.

    Does nothing for the system, which has no taste. Raises ``PreferenceTooLong``.
    """
    if actor.account_id is None:
        return
    if len(json.dumps(value)) > VALUE_LIMIT:
        raise PreferenceTooLong(name)
    AccountPreference.objects.update_or_create(
        account_id=actor.account_id,
        name=name,
        defaults={"value": value},
        create_defaults={"value": value, "institution_id": actor.institution_id},
    )
