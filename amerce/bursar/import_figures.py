"""What one run of an import did, for its summary and for its report to staff.

Why not the files' own sums: a run that goes on with a file whose run failed half way has booked the rest of it alone.
"""

from dataclasses import dataclass, field

from django.db.models import Count, F, Q, QuerySet, Sum

from amerce.bursar.models import BursarImport, BursarPayment
from amerce.jobs.models import JobRun

State = BursarImport.State


@dataclass
class ImportFigures:
    """``files`` are name and state of each that the run took, of one that it went on with the state of the earlier.

    ``left_count`` is how many lines of them are not booked.
    """

    files: list[tuple[str, BursarImport.State]] = field(default_factory=list)
    users_count: int = 0
    booked_count: int = 0
    applied_minor: int = 0
    total_minor: int = 0
    left_count: int = 0


def files_of(run: JobRun) -> QuerySet[BursarImport]:
    """The files that the run took, in their order."""
    return BursarImport.objects.filter(institution_id=run.institution_id, number=run.pk).order_by("pk")


def figures_of(run: JobRun) -> ImportFigures:
    """Lines, sums and users of the files of the run, of one that it went on what it booked itself."""
    figures, own = ImportFigures(), list(files_of(run))
    earlier = BursarImport.objects.filter(
        institution_id=run.institution_id, pk__in=[each.reason_data["goes_on"] for each in own if _goes_on(each)]
    )
    gone_on = {each.pk: each for each in earlier}
    for each in own:
        booked = gone_on[each.reason_data["goes_on"]] if _goes_on(each) else each
        figures.files.append((each.file_name, State(booked.state)))
        if booked.state != State.REPEATED:
            figures.left_count += booked.line_count - booked.posted_count
    mine = Q(file__in=[each.pk for each in own])
    if gone_on:
        mine |= Q(file__in=list(gone_on), transfer__at__gte=run.started_at)
    paid = BursarPayment.objects.filter(mine, institution_id=run.institution_id, transfer__isnull=False)
    sums = paid.aggregate(
        users=Count("patron", distinct=True),
        booked=Count("pk"),
        applied=Sum("applied_minor", default=0),
        total=Sum(F("applied_minor") + F("excess_minor"), default=0),
    )
    figures.users_count, figures.booked_count = sums["users"], sums["booked"]
    figures.applied_minor, figures.total_minor = sums["applied"], sums["total"]
    return figures


def _goes_on(file: BursarImport) -> bool:
    return "goes_on" in file.reason_data
