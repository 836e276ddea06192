"""What the commands of the configuration share.

Why one lock for all: such changes are rare, and each looks at rows that another could change meanwhile.
"""

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.institutions.models import Institution


def may_configure(actor: Actor, library_id: int | None = EVERYWHERE) -> None:
    """Raise ``NotAllowed`` for who may not configure that library, or without one the whole institution."""
    require_for(actor, Privilege.FULFILLMENT_CONFIGURE, library_id)


def locked_institution(actor: Actor) -> Institution:
    """The actor's institution, locked against every other change of the configuration. Rows may be added to it."""
    return Institution.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.institution_id)
