"""Asking for a run of a job."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.events.record import record
from amerce.jobs.errors import KeyReused
from amerce.jobs.job import Job, JobRefused
from amerce.jobs.models import JobRun, JobSchedule
from amerce.jobs.registry import find_job


def enqueue(*, actor: Actor, at: datetime, name: str, given: Mapping[str, str]) -> JobRun:
    """Queue a run of the job ``name`` in the actor's institution; the next free worker takes it.

    ``given`` are parameters as typed. Raises ``NotAllowed``, and ``JobRefused`` with a sentence for an unknown
    job, an unknown or missing parameter or a value that cannot be taken.
    """
    job = find_job(name)
    require_for(actor, job.privilege_to_run, EVERYWHERE)
    params = read_params(job, given, actor.institution_id, at)
    with transaction.atomic():
        return queue_run(job, given, params, actor=actor, at=at)


@dataclass(frozen=True)
class Queued:
    """The run that was asked for. ``replayed``: it was queued before under the same key."""

    run: JobRun
    replayed: bool


def enqueue_once(*, actor: Actor, at: datetime, name: str, given: Mapping[str, str], form_key: str) -> Queued:
    """As ``enqueue``, but once under ``form_key``; an empty one is none. Raises ``KeyReused`` besides."""
    job = find_job(name)
    require_for(actor, job.privilege_to_run, EVERYWHERE)
    if before := _queued_before(actor, name, given, form_key):
        return Queued(before, replayed=True)
    params = read_params(job, given, actor.institution_id, at)
    try:
        with transaction.atomic():
            return Queued(queue_run(job, given, params, actor=actor, at=at, form_key=form_key), replayed=False)
    except IntegrityError:  # the same key, sent twice in this very moment
        if before := _queued_before(actor, name, given, form_key):
            return Queued(before, replayed=True)
        raise


def _queued_before(actor: Actor, name: str, given: Mapping[str, str], form_key: str) -> JobRun | None:
    if not form_key:
        return None
    before = JobRun.objects.filter(institution_id=actor.institution_id, form_key=form_key).first()
    if before is not None and (before.name, before.given) != (name, dict(given)):
        raise KeyReused
    return before


def queue_run(
    job: Job,
    given: Mapping[str, str],
    params: dict[str, object],
    *,
    actor: Actor,
    at: datetime,
    schedule: JobSchedule | None = None,
    form_key: str = "",
) -> JobRun:
    """Write the run that ``enqueue`` or ``schedule`` asks for, with ``params`` as ``given`` was read."""
    run = JobRun.objects.create(
        institution_id=actor.institution_id,
        name=job.name,
        subject=job.subject(params, actor.institution_id),
        given=dict(given),
        params=params,
        queued_at=at,
        started_by=actor.name,
        starter_id=actor.account_id,
        is_of_program=actor.is_application,
        api_key_id=actor.key_id,
        library_id=actor.library_id,
        desk_id=actor.desk_id,
        schedule=schedule,
        form_key=form_key,
    )
    record("job.queued", actor=actor, at=at, data={"run": run.pk, "job": job.name, "params": params})
    return run


def read_params(job: Job, given: Mapping[str, str], institution_id: int, at: datetime) -> dict[str, object]:
    """The parameters a run of ``job`` would keep. Raises ``JobRefused``."""
    for unknown in sorted(set(given) - set(job.params)):
        raise JobRefused(
            _("%(job)s has no parameter “%(param)s”; it takes: %(known)s.")
            % {"job": job.name, "param": unknown, "known": ", ".join(job.params) or "–"},
            unknown,
        )
    for missing in sorted(each for each in job.needed if not given.get(each)):
        raise JobRefused(
            _("%(job)s needs --param %(param)s=…, %(meaning)s.")
            % {"job": job.name, "param": missing, "meaning": job.params[missing]},
            missing,
        )
    return job.read_params(given, institution_id, at)
