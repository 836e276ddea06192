"""Enabling and disabling a notification profile (row C3): whether runs follow it."""

from datetime import datetime

from django.db import transaction

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.institutions.configuring import locked_institution
from amerce.notices.profiles import Enabled, locked_profile, record_change
from amerce.notices.save_profile import ProfileSaved


def enable_profile(*, actor: Actor, at: datetime, profile_id: int) -> ProfileSaved:
    """Let the next run follow the profile. Raises ``NotAllowed``, ``RowNotFound``."""
    return _switch(actor, at, profile_id, to=True)


def disable_profile(*, actor: Actor, at: datetime, profile_id: int) -> ProfileSaved:
    """Let runs leave the profile out, one under way from its next slice on. Raises ``NotAllowed``, ``RowNotFound``."""
    return _switch(actor, at, profile_id, to=False)


def _switch(actor: Actor, at: datetime, profile_id: int, *, to: bool) -> ProfileSaved:
    require_for(actor, Privilege.CHARGES_CONFIGURE, EVERYWHERE)
    with transaction.atomic():
        locked_institution(actor)
        profile = locked_profile(actor, profile_id)
        if profile.is_enabled == to:
            return ProfileSaved(profile.pk, is_changed=False)
        profile.is_enabled, profile.updated_by, profile.updated_at = to, actor.name, at
        profile.save(update_fields=["is_enabled", "updated_by", "updated_at"])
        record_change(actor, at, profile.pk, Enabled(not to), Enabled(to))
        return ProfileSaved(profile.pk, is_changed=True)
