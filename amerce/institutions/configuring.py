"""What every command of the configuration does first under its transaction.

Why one lock for all: such changes are rare, and each looks at rows that another could change meanwhile.
"""

from amerce.access.actors import Actor
from amerce.institutions.models import Institution


def locked_institution(actor: Actor) -> Institution:
    """The actor's institution, locked against every other change of the configuration. Rows may be added to it."""
    return Institution.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.institution_id)
