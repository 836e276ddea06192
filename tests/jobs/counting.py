"""Jobs for tests of the runner: one that writes an event for each number, and others that go wrong."""

import sqlite3
from dataclasses import replace
from datetime import datetime
from threading import Event as Signal
from typing import Any

from django.db import OperationalError, connection

from amerce.access.actors import Actor
from amerce.access.privileges import Privilege
from amerce.events.record import record
from amerce.jobs.job import Job, JobRefused, Level, RunEvent, Step
from amerce.jobs.models import JobRun

SLICE = 2
began_to_wait, may_go_on = Signal(), Signal()
"""Of the job that waits: it sets the first and waits for the second."""
stumbles: list[BaseException] = []
"""What the next slices of ``stumble`` raise, one each, after they have written."""


def _read_params(given, institution_id: int, at: datetime):  # type: ignore[no-untyped-def]
    if not given.get("to", "5").isdigit():
        raise JobRefused("to is a number.")
    return {"to": int(given.get("to", "5"))}


def _count(run: JobRun, actor: Actor, at: datetime) -> Step:
    begin, last = run.cursor.get("after", 0), run.params["to"]
    numbers = range(begin + 1, min(begin + SLICE, last) + 1)
    for number in numbers:
        data = {"number": number, "privileges": sorted(actor.grants)}
        record("test.counted", actor=actor, at=at, data=data)
    end = begin + len(numbers)
    return Step(cursor={"after": end}, counts={"looked_at": len(numbers)}, is_last=end == last)


def _stumble(run: JobRun, actor: Actor, at: datetime) -> Step:
    step = _count(run, actor, at)
    if stumbles:
        raise stumbles.pop(0)
    return step


def _look(run: JobRun, actor: Actor, at: datetime) -> Step:
    """Says whether it was called inside a transaction."""
    if stumbles:
        raise stumbles.pop(0)
    return Step(cursor={"in_atomic_block": connection.in_atomic_block}, counts={"looked_at": 1}, is_last=True)


def _wait(run: JobRun, actor: Actor, at: datetime) -> Step:
    """Reads until somebody lets it go on, for twenty seconds at most."""
    began_to_wait.set()
    return Step(cursor={"went_on": may_go_on.wait(20)}, counts={"looked_at": 1}, is_last=True)


def _say(run: JobRun, actor: Actor, at: datetime) -> Step:
    """Counts and tells of it; of what is odd as a warning."""
    step = _stumble(run, actor, at)
    numbers = range(run.cursor.get("after", 0) + 1, step.cursor["after"] + 1)
    told = [RunEvent(Level.WARNING if each % 2 else Level.INFO, "count.counted", {"number": each}) for each in numbers]
    return replace(step, events=told)


def locked() -> OperationalError:
    error = OperationalError("database is locked")
    error.__cause__ = sqlite3.OperationalError("database is locked")
    return error


def _job(name: str, slice_: object, **more: Any) -> Job:
    said = {"expected": lambda run: run.params["to"], **more}
    return Job(
        name=name,
        title=name.title(),
        params={"to": "where to stop"},
        privileges=frozenset({Privilege.FEE_ACCRUE}),
        read_params=_read_params,
        slice=slice_,  # type: ignore[arg-type]
        summary=lambda run: f"counted={run.counts['looked_at']}",
        **said,
    )


JOBS = (
    _job("count", _count),
    _job("stumble", _stumble),
    _job("look", _look, only_reads=True),
    _job("hold", _look, is_cancellable=False),
    _job("whole", _count, is_cancellable=False),
    _job("wait", _wait, only_reads=True),
    _job("weigh", _count, expected=lambda run: int(connection.in_atomic_block)),
    _job(
        "say",
        _say,
        acts_for_starter=True,
        privilege_to_run=Privilege.FEE_WAIVE,
        subject=lambda params, institution_id: f"up to {params['to']}",
        title_with_subject="Say Using %(subject)s",
    ),
)
