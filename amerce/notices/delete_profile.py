"""Deleting a notification profile (row C3). Letters that were sent by it keep its name."""

from datetime import datetime

from django.db import transaction

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.inputs.stamp import require_unchanged
from amerce.institutions.configuring import locked_institution
from amerce.notices.profiles import ProfileFacts, locked_profile, record_change


def delete_profile(*, actor: Actor, at: datetime, profile_id: int, expected_stamp: str | None = None) -> None:
    """Delete a profile; a run that is under way leaves it out from its next slice on.

    ``expected_stamp`` is that of ``ProfileFacts.of`` when the page was made. Raises ``NotAllowed``, ``RowNotFound``,
    ``OutOfDate``.
    """
    require_for(actor, Privilege.CHARGES_CONFIGURE, EVERYWHERE)
    with transaction.atomic():
        locked_institution(actor)
        profile = locked_profile(actor, profile_id)
        before = ProfileFacts.of(profile)
        require_unchanged(before, expected_stamp)
        profile.delete()
        record_change(actor, at, profile_id, before, None)
