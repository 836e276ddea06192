"""Schedules in tests."""

from typing import Any

from amerce.access.actors import system_actor
from amerce.access.privileges import Privilege
from amerce.jobs.models import JobSchedule
from amerce.jobs.save_schedule import save_schedule
from amerce.jobs.schedule_facts import ScheduleFacts
from tests.world import NOON, Library


def scheduled(library: Library, job: str = "count", cron: str = "10 0 * * *", **more: Any) -> JobSchedule:
    """A schedule saved at noon. Those that a new institution comes with are taken away."""
    JobSchedule.objects.filter(institution=library.institution, updated_at=None).delete()
    actor = system_actor(library.institution.pk, "tests", *Privilege)
    saved = save_schedule(actor=actor, at=NOON, facts=ScheduleFacts(job=job, cron=cron, **more))
    return JobSchedule.objects.get(pk=saved.schedule_id)
