"""What a schedule says: which job, how, and when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from django.apps import apps

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.inputs.checks import possible_ids
from amerce.inputs.errors import RowNotFound
from amerce.jobs.cron import next_time
from amerce.jobs.models import JobSchedule
from amerce.jobs.registry import find_job

CHANGED = "job_schedule.changed"


@dataclass(frozen=True, kw_only=True)
class ScheduleFacts:
    """Columns of ``JobSchedule``; ``job`` is the name of the job."""

    job: str
    cron: str
    params: Mapping[str, str] = field(default_factory=dict)
    is_enabled: bool = True

    @classmethod
    def of(cls, schedule: JobSchedule) -> "ScheduleFacts":
        return cls(job=schedule.name, cron=schedule.cron, params=dict(schedule.params), is_enabled=schedule.is_enabled)


def locked_schedule(actor: Actor, schedule_id: int) -> JobSchedule:
    """The schedule, locked. Raises ``RowNotFound``, and ``NotAllowed`` for who may not run its job."""
    mine = JobSchedule.objects.filter(institution_id=actor.institution_id, pk__in=possible_ids([schedule_id]))
    found = mine.select_for_update(of=("self",)).first()
    if found is None:
        raise RowNotFound(schedule_id)
    require_for(actor, find_job(found.name).privilege_to_run, EVERYWHERE)
    return found


def zone_of(institution_id: int) -> tzinfo:
    """Whose clocks its schedules go by."""
    institutions = apps.get_model("institutions", "Institution")  # a package above, which is not imported
    zone: tzinfo = institutions._default_manager.get(pk=institution_id).zone
    return zone


def plan(schedule: JobSchedule, at: datetime, zone: tzinfo) -> None:
    """Say when it is due next, seen from ``at``: never, while it is not enabled."""
    schedule.next_at = next_time(schedule.cron, after=at, zone=zone) if schedule.is_enabled else None
