"""What a job is: a description that the runner works from.

Why a value and not a class to inherit from: a job says what one slice does; claiming, leases, retries and
progress are the runner's and the same for all.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.utils.functional import Promise

from amerce.access.actors import Actor
from amerce.access.privileges import Privilege
from amerce.jobs.errors import JobRefused
from amerce.jobs.models import JobRun, RunEventRow

__all__ = ["Job", "JobRefused", "Level", "RunEvent", "Step"]


Level = RunEventRow.Level


@dataclass(frozen=True)
class RunEvent:
    """One thing that a slice has to tell: ``code`` says what, in the job's own words with dots between
    (``waiving.not_waivable``), and ``data`` holds the ids, codes and minor units of it, never a sentence.

    All events of one code hold the same ``data`` keys. The sentence is made in ``web/run_event_wording.py``.
    """

    level: Level
    code: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """What one slice did: where the next begins, what to add to the run's counts, whether it was the last, and what
    the run's report shall tell of it. Of the counts ``looked_at`` and ``total_minor`` mean the same in every job.
    ``more_expected`` is how many more things the run will look at than was known before.
    """

    cursor: Mapping[str, Any]
    counts: Mapping[str, int]
    is_last: bool
    events: Sequence[RunEvent] = ()
    more_expected: int = 0


class HasSubject(Protocol):
    """A run or a schedule."""

    subject: Any


@dataclass(frozen=True, kw_only=True)
class Job:
    """A kind of work that is done slice by slice.

    ``params`` maps each parameter to what it means; a run without one of those ``needed`` is refused.
    ``read_params`` gets the given texts, the institution's id and the time, and returns what the run keeps,
    defaults filled in; it raises ``JobRefused``. ``expected`` is how many things the run will look at, for its
    progress, counted once before the first slice while no lock is held; a slice counts them as ``looked_at``.
    ``slice`` gets the run, the actor that holds ``privileges``, and the time. It does a bounded piece of work, at most
    some 500 rows written, in the transaction in which the runner then moves the cursor; a job that ``only_reads`` the
    database is sliced before that transaction, so that nobody waits for it, and may do a slice twice after a crash; a
    function says so of the run's next slice. ``summary`` is the last line of a finished run.

    ``subject`` names what a run is about, from its parameters and the institution's id: the name of a profile. It is
    kept with the run, and ``title_with_subject`` says where it stands in the title, as ``%(subject)s``.

    A report that tells of patrons is shown to who sees jobs and holds one of ``report_is_for`` for all libraries; a job
    that names none of them tells nothing of patrons.

    ``privilege_to_run`` is what whoever runs, schedules or cancels it must hold everywhere. In a job that
    ``acts_for_starter`` the actor of a slice is the account or API key that started the run, where they worked then,
    holding the job's privileges and no others; in all others, and in a run that a schedule began, it is the system. One
    that is not ``is_cancellable`` has to be whole once it began. One that ``has_one_open``, asked for with the
    parameters of a run that has not ended, is that run.
    """

    name: str
    title: str | Promise
    params: Mapping[str, str | Promise]
    privileges: frozenset[Privilege]
    read_params: Callable[[Mapping[str, str], int, datetime], dict[str, Any]]
    expected: Callable[[JobRun], int]
    slice: Callable[[JobRun, Actor, datetime], Step]
    summary: Callable[[JobRun], str]
    only_reads: bool | Callable[[JobRun], bool] = False
    needed: frozenset[str] = frozenset()
    subject: Callable[[Mapping[str, Any], int], str] = lambda params, institution_id: ""
    title_with_subject: str | Promise = ""
    report_is_for: frozenset[Privilege] = frozenset()
    privilege_to_run: Privilege = Privilege.JOB_RUN
    acts_for_starter: bool = False
    is_cancellable: bool = True
    has_one_open: bool = False

    def reads_next(self, run: JobRun) -> bool:
        """Whether the next slice of ``run`` only reads."""
        return self.only_reads(run) if callable(self.only_reads) else self.only_reads

    def title_of(self, run: HasSubject) -> str:
        """What a run, or a schedule, of this job is called."""
        if run.subject and self.title_with_subject:
            return str(self.title_with_subject) % {"subject": run.subject}
        return str(self.title)
