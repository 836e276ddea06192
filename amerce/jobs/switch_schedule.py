"""Enabling and disabling a schedule, which keeps what it says."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor
from amerce.jobs.save_schedule import Saved, save_schedule
from amerce.jobs.schedule_facts import ScheduleFacts, locked_schedule


def enable_schedule(*, actor: Actor, at: datetime, schedule_id: int) -> Saved:
    """Let the job begin by itself again, from its next time after ``at`` on. Raises as ``save_schedule`` does."""
    return _switch(actor, at, schedule_id, is_enabled=True)


def disable_schedule(*, actor: Actor, at: datetime, schedule_id: int) -> Saved:
    """Let the job begin no more by itself. A run that goes on is left alone. Raises as ``save_schedule`` does."""
    return _switch(actor, at, schedule_id, is_enabled=False)


def _switch(actor: Actor, at: datetime, schedule_id: int, *, is_enabled: bool) -> Saved:
    with transaction.atomic():
        facts = replace(ScheduleFacts.of(locked_schedule(actor, schedule_id)), is_enabled=is_enabled)
        return save_schedule(actor=actor, at=at, facts=facts, schedule_id=schedule_id)
