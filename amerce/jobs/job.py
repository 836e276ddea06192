"""What a job is: a description that the runner works from.

Why a value and not a class to inherit from: a job says what one slice does; claiming, leases, retries and
progress are the runner's and the same for all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise

from amerce.access.actors import Actor
from amerce.access.privileges import Privilege
from amerce.jobs.models import JobRun


class JobRefused(Exception):
    """A job that cannot be run as asked, or cannot go on. Its text is one sentence for the person who asked."""


@dataclass(frozen=True)
class Step:
    """What one slice did: where the next begins, what to add to the run's counts, and whether it was the last."""

    cursor: Mapping[str, Any]
    counts: Mapping[str, int]
    is_last: bool


@dataclass(frozen=True, kw_only=True)
class Job:
    """A kind of work that is done slice by slice.

    ``params`` maps each parameter to what it means; a run without one of those ``needed`` is refused.
    ``read_params`` gets the given texts, the institution's id and the time, and returns what the run keeps,
    defaults filled in; it raises ``JobRefused``. ``expected`` is how many things the run will look at, for its
    progress; a slice counts them as ``looked_at``. ``slice`` gets the run, the actor that holds ``privileges``,
    and the time. It does a bounded piece of work, at most some 500 rows written, in the transaction in which the
    runner then moves the cursor; a job that ``only_reads`` the database is sliced before that transaction, so
    that nobody waits for it, and may do a slice twice after a crash. ``summary`` is the last line of a finished
    run.
    """

    name: str
    title: str | Promise
    params: Mapping[str, str | Promise]
    privileges: frozenset[Privilege]
    read_params: Callable[[Mapping[str, str], int, datetime], dict[str, Any]]
    expected: Callable[[JobRun], int]
    slice: Callable[[JobRun, Actor, datetime], Step]
    summary: Callable[[JobRun], str]
    only_reads: bool = False
    needed: frozenset[str] = frozenset()
