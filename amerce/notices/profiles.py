"""Notification profiles: what they say, and reading them (row C3)."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.events.record import record
from amerce.inputs.checks import possible_ids
from amerce.inputs.errors import RowNotFound
from amerce.notices.models import NotificationProfile

CHANGED = "notification_profile.changed"
INSTITUTION = 0
"""Stands for the institution among the ids of the libraries that own fees, of which none is 0."""


@dataclass(frozen=True, kw_only=True)
class ProfileFacts:
    """The words are those of ``NotificationProfile``; ``groups``, ``owners`` and ``types`` are ids in their order.

    ``owners`` has ``INSTITUTION`` for what the institution owns. None of an amount, days or printer is one not given.
    """

    name: str
    minimum_minor: int
    description: str = ""
    maximum_minor: int | None = None
    groups: tuple[int, ...] = ()
    skips_borrowers: bool = False
    only_active: bool = False
    owners: tuple[int, ...] = ()
    types: tuple[int, ...] = ()
    created_before_days: int | None = None
    created_after_days: int | None = None
    creates_fee: bool = False
    fee_minor: int | None = None
    send_format: str = NotificationProfile.SendFormat.SEND.value
    printer_id: int | None = None

    @classmethod
    def of(cls, profile: NotificationProfile) -> "ProfileFacts":
        """Three queries, none where the profile comes from ``profiles``."""
        columns = {name: getattr(profile, name) for name in cls.__dataclass_fields__ if name not in _LISTS}
        return cls(
            **columns,
            groups=tuple(sorted(each.group_id for each in profile.groups.all())),
            owners=tuple(sorted(each.library_id or INSTITUTION for each in profile.owners.all())),
            types=tuple(sorted(each.type_id for each in profile.types.all())),
        )

    @property
    def columns(self) -> dict[str, Any]:
        """What stands in the row of the profile itself."""
        return {name: value for name, value in asdict(self).items() if name not in _LISTS}

    @property
    def sends(self) -> bool:
        return self.send_format != NotificationProfile.SendFormat.PRINT

    @property
    def prints(self) -> bool:
        return self.send_format != NotificationProfile.SendFormat.SEND


@dataclass(frozen=True)
class Enabled:
    """Whether runs follow the profile: what is told of enabling and disabling it."""

    is_enabled: bool


def profiles(actor: Actor) -> QuerySet[NotificationProfile]:
    """Every profile by name, with all it says."""
    require(actor, Privilege.CHARGES_CONFIGURE)
    return all_profiles(actor.institution_id)


def get_profile(actor: Actor, profile_id: int) -> NotificationProfile:
    """One profile. Raises ``RowNotFound``."""
    found = profiles(actor).filter(pk__in=possible_ids([profile_id])).first()
    if found is None:
        raise RowNotFound(profile_id)
    return found


def all_profiles(institution_id: int) -> QuerySet[NotificationProfile]:
    """As ``profiles``, for the run, whose actor may configure nothing."""
    found = NotificationProfile.objects.filter(institution_id=institution_id).order_by("name", "pk")
    return found.select_related("printer").prefetch_related("groups__group", "owners__library", "types__type")


def locked_profile(actor: Actor, profile_id: int) -> NotificationProfile:
    """The profile, locked by the lock on the institution that the caller holds. Raises ``RowNotFound``."""
    found = all_profiles(actor.institution_id).filter(pk__in=possible_ids([profile_id])).first()
    if found is None:
        raise RowNotFound(profile_id)
    return found


def record_change(actor: Actor, at: datetime, profile_id: int, before: Any, after: Any) -> None:
    """The event of a change; before and after are dataclasses, None for what is not there."""
    data = {
        "row": profile_id,
        "before": asdict(before) if before else None,
        "after": asdict(after) if after else None,
    }
    record(CHANGED, actor=actor, at=at, data=data)


_LISTS = ("groups", "owners", "types")
