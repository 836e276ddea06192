"""What the commands of the configuration share.

Why one lock for all: such changes are rare, and each looks at rows that another could change meanwhile.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.charges.request import checked_text
from amerce.circulation.policy_errors import ChoiceUnknown, NameMissing, NumberOutOfRange
from amerce.institutions.models import Institution

NAME_LIMIT = 200


def may_configure(actor: Actor, library_id: int | None = EVERYWHERE) -> None:
    """Raise ``NotAllowed`` for who may not configure that library, or without one the whole institution."""
    require_for(actor, Privilege.FULFILLMENT_CONFIGURE, library_id)


def locked_institution(actor: Actor) -> Institution:
    """The actor's institution, locked against every other change of the configuration. Rows may be added to it."""
    return Institution.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.institution_id)


def checked_name(field: str, text: str, limit: int = NAME_LIMIT) -> str:
    """``text`` without the space around it. Raises ``NameMissing``, ``charges.errors.TextTooLong``."""
    name = text.strip()
    if not name:
        raise NameMissing(field)
    checked_text(field, name, limit)
    return name


def checked_number(field: str, number: int, low: int, high: int) -> int:
    """``number`` if it is from ``low`` to ``high``. Raises ``NumberOutOfRange``."""
    if not low <= number <= high:
        raise NumberOutOfRange(field, low, high)
    return number


def checked_row(field: str, model: type[Model], institution_id: int, **which: Any) -> None:
    """Raise ``ChoiceUnknown`` unless the institution has that row of ``model``."""
    try:
        found = model._default_manager.filter(institution_id=institution_id, **which).exists()
    except (OverflowError, ValueError, ValidationError):
        found = False
    if not found:
        raise ChoiceUnknown(field)
