"""What the tests of roles and accounts share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from amerce.access.actors import Actor
from amerce.access.models import Account, ApiKey, Role, RoleAssignment
from amerce.access.save_role import RoleSaid
from amerce.events.models import Event
from tests.world import Library

ADMINISTRATOR = "general_system_administrator"


def administrator(library: Library) -> Actor:
    """Somebody who may edit roles and accounts, and who is the only one."""
    return library.staff(ADMINISTRATOR)


def said(label: str = "Till", **privileges: int | None) -> RoleSaid:
    """``fee_waive=2000``: up to 20.00."""
    from amerce.access.privileges import Privilege

    return RoleSaid(label=label, privileges={Privilege[name.upper()]: limit for name, limit in privileges.items()})


@contextmanager
def nothing_changed() -> Iterator[None]:
    """Not one row more or other among accounts, roles and events."""
    before = _rows()
    yield
    assert _rows() == before


def _rows() -> dict[str, Any]:
    models = (Account, ApiKey, Role, RoleAssignment, Event)
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}
