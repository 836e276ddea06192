"""Running a job to its end in the foreground, for ``amerce job run``."""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from amerce.access.actors import system_actor
from amerce.access.privileges import Privilege
from amerce.cli.institution import the_institution
from amerce.cli.refusal import Refusal
from amerce.institutions.models import Institution
from amerce.jobs.claim import claim_run, held_elsewhere, new_worker
from amerce.jobs.enqueue import enqueue_once, read_params
from amerce.jobs.job import JobRefused
from amerce.jobs.models import JobRun
from amerce.jobs.queries import runs_of
from amerce.jobs.registry import find_job
from amerce.jobs.runner import RunLost, run_to_end

_MOMENT_S = 0.2
_LOST = gettext_lazy("Another worker took the run over; see amerce job list.")


def run_job(name: str, given: Mapping[str, str], institution_code: str | None) -> str:
    """Run the job and answer its summary. Raises ``Refusal`` with a sentence when it cannot run or failed."""
    try:
        return _summary(_run_here(the_institution(institution_code), name, given))
    except JobRefused as refusal:
        raise Refusal(str(refusal)) from refusal
    except RunLost as lost:
        raise Refusal(str(_LOST)) from lost


def finish_run(queued: JobRun) -> str:
    """End here a run that a command queued, and answer its summary. Raises ``Refusal`` as ``run_job``."""
    worker = new_worker()
    try:
        return _summary(_to_end(_mine(queued, worker), worker))
    except RunLost as lost:
        raise Refusal(str(_LOST)) from lost


def _summary(finished: JobRun) -> str:
    if finished.state == JobRun.State.FAILED:
        raise Refusal(finished.error)
    if finished.state == JobRun.State.CANCELLED:
        raise Refusal(_("%(who)s cancelled the run.") % {"who": finished.cancelled_by})
    return find_job(finished.name).summary(finished)


def _run_here(institution: Institution, name: str, given: Mapping[str, str]) -> JobRun:
    """The finished run. One that was cut off is ended first; if it was asked for the same, it is the answer."""
    worker, at = new_worker(), timezone.now()
    params = read_params(find_job(name), given, institution.pk, at)
    for ended in _end_cut_off(institution.pk, name, worker):
        if ended.params == params:
            return ended
    actor = system_actor(institution.pk, "command line", Privilege.JOB_RUN, find_job(name).privilege_to_run)
    if going := held_elsewhere(institution.pk, name, worker=worker, now=at):
        raise JobRefused(
            _("%(name)s is going on already (run %(run)s); try again when it is done.")
            % {"name": name, "run": going.pk}
        )
    queued = enqueue_once(actor=actor, at=at, name=name, given=given, form_key="")
    if queued.is_open:
        said = _("Run %(run)s of this job was asked for before and waits; ending it.") % {"run": queued.run.pk}
        print(said, file=sys.stderr)
    return _to_end(_mine(queued.run, worker), worker)


def _end_cut_off(institution_id: int, name: str, worker: str) -> Iterator[JobRun]:
    """End the runs of the job whose worker is no more, and answer each."""
    for cut_off in runs_of(institution_id).filter(name=name, state=JobRun.State.RUNNING).exclude(worker=worker):
        if taken := claim_run(cut_off.pk, worker=worker, now=timezone.now()):
            print(_("Run %(run)s of this job was cut off; ending it.") % {"run": taken.pk}, file=sys.stderr)
            yield _to_end(taken, worker)


def _mine(queued: JobRun, worker: str) -> JobRun:
    """The queued run, held by us. If a worker beside us was quicker, wait until it has ended it; if it was so with
    another run of the job, and is no more, end that: nobody else may be there to do it.
    """
    while True:
        if taken := claim_run(queued.pk, worker=worker, now=timezone.now()):
            return taken
        queued.refresh_from_db()
        if queued.has_ended:
            return queued
        if not list(_end_cut_off(queued.institution_id, queued.name, worker)):
            time.sleep(_MOMENT_S)


def _to_end(run: JobRun, worker: str) -> JobRun:
    with _bar(find_job(run.name).title_of(run)) as show:
        return run_to_end(run, worker=worker, clock=timezone.now, on_progress=show)


@contextmanager
def _bar(title: str) -> Iterator:  # type: ignore[type-arg]
    """A bar with count, rate and time left, if a person is looking."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(title, total=None, rate="")

        def show(run: JobRun) -> None:
            speed = progress.tasks[0].speed
            progress.update(
                task,
                total=run.expected,
                completed=run.counts.get("looked_at", 0),
                rate=f"{speed:.0f}/s" if speed else "",
            )

        yield show
