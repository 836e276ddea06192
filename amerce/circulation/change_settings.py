"""Changing what an institution's circulation does as a whole (rows A11, C5)."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor
from amerce.circulation.configuring import may_configure
from amerce.events.record import record
from amerce.inputs.checks import checked_number
from amerce.inputs.stamp import require_unchanged
from amerce.institutions.configuring import locked_institution
from amerce.institutions.models import Institution

CHANGED = "settings.changed"
DAYS = {"returns_kept_days": (1, 3650), "anonymise_after_days": (1, 3650)}
"""Each number of the settings with the least and the most it may be."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Columns of ``Institution``; it says what each means."""

    accrues_nightly: bool
    close_paid_lost_loan: bool
    overdue_at_lost_loan: bool
    returns_kept_days: int
    anonymise_after_days: int


def settings_of(institution: Institution) -> Settings:
    """What is set now."""
    return Settings(**{each: getattr(institution, each) for each in Settings.__dataclass_fields__})


def change_settings(*, actor: Actor, at: datetime, settings: Settings, expected_stamp: str | None = None) -> bool:
    """Set ``settings`` for the actor's institution; false when all was so already, and then nothing is written.

    They hold from now on. ``expected_stamp`` is that of ``settings_of`` when the page was made. Raises
    ``NotAllowed``, ``NumberOutOfRange``, ``OutOfDate``.
    """
    may_configure(actor)
    for field, (low, high) in DAYS.items():
        checked_number(field, getattr(settings, field), low, high)
    with transaction.atomic():
        institution = locked_institution(actor)
        before = settings_of(institution)
        if before == settings:
            return False
        require_unchanged(before, expected_stamp)
        Institution.objects.filter(pk=institution.pk).update(**asdict(settings))
        record(CHANGED, actor=actor, at=at, data={"before": asdict(before), "after": asdict(settings)})
        return True
