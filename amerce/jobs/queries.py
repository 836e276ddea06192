"""Reading runs: what "Monitor Jobs" and ``amerce job list`` show."""

from django.db.models import QuerySet

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.inputs.checks import possible_ids
from amerce.inputs.errors import RowNotFound
from amerce.jobs.models import JobRun, RunEventRow


def runs_of(institution_id: int) -> QuerySet[JobRun]:
    """Every run in the institution, newest first."""
    return JobRun.objects.filter(institution_id=institution_id).order_by("-pk")


def last_run(institution_id: int, name: str) -> JobRun | None:
    """The newest run of one job in the institution."""
    return runs_of(institution_id).filter(name=name).first()


def get_run(actor: Actor, run_id: int) -> JobRun:
    """One run of the institution. Raises ``NotAllowed``, ``RowNotFound``."""
    require(actor, Privilege.JOB_VIEW)
    mine = JobRun.objects.filter(institution_id=actor.institution_id, pk__in=possible_ids([run_id]))
    found = mine.select_related("institution", "library", "desk").first()
    if found is None:
        raise RowNotFound(run_id)
    return found


def report_of(run: JobRun, level: str = "") -> QuerySet[RunEventRow]:
    """What a run that was found by ``get_run`` has to tell, in the order it happened; of one ``level`` or of all."""
    told = RunEventRow.objects.filter(institution_id=run.institution_id, run=run).order_by("number")
    return told.filter(level=level) if level else told
