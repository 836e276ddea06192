"""Deleting a schedule. Its runs stay."""

from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor
from amerce.events.record import record
from amerce.inputs.stamp import require_unchanged
from amerce.jobs.schedule_facts import CHANGED, ScheduleFacts, locked_schedule


def delete_schedule(*, actor: Actor, at: datetime, schedule_id: int, expected_stamp: str | None = None) -> None:
    """Take the schedule away; a run that goes on is left alone.

    Raises ``NotAllowed``, ``RowNotFound``, ``OutOfDate``.
    """
    with transaction.atomic():
        schedule = locked_schedule(actor, schedule_id)
        before = ScheduleFacts.of(schedule)
        require_unchanged(before, expected_stamp)
        data = {"schedule": schedule.pk, "before": asdict(before), "after": None}
        schedule.delete()
        record(CHANGED, actor=actor, at=at, data=data)
