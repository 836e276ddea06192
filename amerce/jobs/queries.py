"""Reading runs: what "Monitor Jobs" and ``amerce job list`` show."""

from django.db.models import QuerySet

from amerce.jobs.models import JobRun


def runs_of(institution_id: int) -> QuerySet[JobRun]:
    """Every run in the institution, newest first."""
    return JobRun.objects.filter(institution_id=institution_id).order_by("-pk")


def last_run(institution_id: int, name: str) -> JobRun | None:
    """The newest run of one job in the institution."""
    return runs_of(institution_id).filter(name=name).first()
