"""Asking for a run of a job."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.events.record import record
from amerce.inputs.checks import can_be_stored
from amerce.inputs.stamp import stamp_of
from amerce.jobs.errors import KeyReused
from amerce.jobs.job import Job, JobRefused
from amerce.jobs.models import JobRun, JobSchedule
from amerce.jobs.queries import OPEN
from amerce.jobs.registry import find_job

_STAMP = 32
"""Of a stamp, as much as fits into a key."""


def enqueue(*, actor: Actor, at: datetime, name: str, given: Mapping[str, str]) -> JobRun:
    """Queue a run of the job ``name`` in the actor's institution; the next free worker takes it. Of a job that
    ``has_one_open``, one that has not ended is the answer.

    ``given`` are parameters as typed. Raises ``NotAllowed``, and ``JobRefused`` with a sentence for an unknown
    job, an unknown or missing parameter or a value that cannot be taken.
    """
    return enqueue_once(actor=actor, at=at, name=name, given=given, form_key="").run


@dataclass(frozen=True)
class Queued:
    """The run that was asked for. ``replayed``: it was queued before, under the same key, or as ``is_open`` says
    because the job has one open run.
    """

    run: JobRun
    replayed: bool
    is_open: bool = False


def enqueue_once(*, actor: Actor, at: datetime, name: str, given: Mapping[str, str], form_key: str) -> Queued:
    """As ``enqueue``, but once under ``form_key``; an empty one is none. Raises ``KeyReused`` besides.

    A run that was open and is answered does not take the key. Of a job that has one open run two callers with keys of
    their own, in the very same moment, may begin two: the second has to do no harm.
    """
    job = find_job(name)
    require_for(actor, job.privilege_to_run, EVERYWHERE)
    if before := _queued_before(actor, name, given, form_key):
        return Queued(before, replayed=True)
    params = read_params(job, given, actor.institution_id, at)
    return queue_run(job, given, params, actor=actor, at=at, form_key=form_key)


def queue_run(
    job: Job,
    given: Mapping[str, str],
    params: dict[str, object],
    *,
    actor: Actor,
    at: datetime,
    schedule: JobSchedule | None = None,
    form_key: str = "",
) -> Queued:
    """Write the run that ``enqueue`` or a schedule asks for, with ``params`` as ``given`` was read; or answer the one
    that is there, under the same key, or open of a job that has one open run.
    """
    key = form_key or _key_of_one(job, params, actor.institution_id)
    if going := _open_run(job, params, actor.institution_id):
        return Queued(going, replayed=True, is_open=True)
    try:
        with transaction.atomic():
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
                form_key=key,
            )
            record("job.queued", actor=actor, at=at, data={"run": run.pk, "job": job.name, "params": params})
            return Queued(run, replayed=False)
    except IntegrityError:  # the same was asked for twice in this very moment
        if before := _queued_before(actor, job.name, given, form_key):
            return Queued(before, replayed=True)
        if going := _open_run(job, params, actor.institution_id):
            return Queued(going, replayed=True, is_open=True)
        raise


def _open_run(job: Job, params: dict[str, object], institution_id: int) -> JobRun | None:
    if not job.has_one_open:
        return None
    mine = JobRun.objects.filter(institution_id=institution_id, name=job.name, state__in=OPEN).order_by("pk")
    return next((each for each in mine if each.params == params), None)


def _key_of_one(job: Job, params: dict[str, object], institution_id: int) -> str:
    """What two who ask in the same moment have in common: what they ask for, and the newest run that they know.

    It is made before they look for an open run: one that was queued in between is seen then.
    """
    if not job.has_one_open:
        return ""
    newest = JobRun.objects.filter(institution_id=institution_id, name=job.name).order_by("-pk").first()
    return f"{job.name} {stamp_of(params)[:_STAMP]} after {newest.pk if newest else 0}"


def _queued_before(actor: Actor, name: str, given: Mapping[str, str], form_key: str) -> JobRun | None:
    if not form_key:
        return None
    before = JobRun.objects.filter(institution_id=actor.institution_id, form_key=form_key).first()
    if before is not None and (before.name, before.given) != (name, dict(given)):
        raise KeyReused
    return before


def read_params(job: Job, given: Mapping[str, str], institution_id: int, at: datetime) -> dict[str, object]:
    """The parameters a run of ``job`` would keep. Raises ``JobRefused``."""
    if not all(can_be_stored(each) for pair in given.items() for each in pair):
        raise JobRefused(_("A parameter holds characters that nobody can keep."))
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
