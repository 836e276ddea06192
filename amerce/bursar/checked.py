"""What is in a file of payments, kind by kind, and what becomes of one that was checked (row D5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from amerce.access.actors import Actor
from amerce.bursar.import_params import CHECK, NAME
from amerce.bursar.models import IMPORTED, BursarImport, BursarPayment, BursarProfile
from amerce.bursar.reconciliation import imports_of
from amerce.jobs.models import JobRun
from amerce.jobs.queries import ENDED

Outcome, State = BursarPayment.Outcome, BursarImport.State
_WITHOUT_SUM = frozenset({Outcome.CURRENCY, Outcome.UNREADABLE})
"""What is in another currency, or is no amount, does not add up."""


@dataclass(frozen=True)
class Kind:
    """The lines of one outcome. ``total_minor`` is the sum that stands in them, None where they do not add up."""

    outcome: BursarPayment.Outcome
    count: int
    total_minor: int | None


def kinds_of(institution_id: int, files: Sequence[BursarImport]) -> list[Kind]:
    """What is said of the lines of the files, in the order of the outcomes. One query."""
    lines = BursarPayment.objects.filter(institution_id=institution_id, file__in=[each.pk for each in files])
    sums = lines.order_by().values_list("outcome").annotate(count=Count("pk"), total=Sum("amount_minor", default=0))
    found = {outcome: (count, total) for outcome, count, total in sums}
    return [
        Kind(each, found[each][0], None if each in _WITHOUT_SUM else found[each][1])
        for each in Outcome
        if each in found
    ]


def is_bookable(file: BursarImport) -> bool:
    """Whether the file was checked and could be booked by its profile as it is now."""
    if file.state != State.CHECKED or not file.profile.imports:
        return False
    return not file.reason or (file.reason == "problems" and file.profile.imports_per_line)


def imported_as(file: BursarImport) -> BursarImport | None:
    """The import by which the same export number and lines were booked, else the newest that was undone. One query."""
    mine = BursarImport.objects.filter(institution_id=file.institution_id, content=file.content)
    found = list(mine.filter(state__in=(*IMPORTED, State.UNDONE)).order_by("-pk")) if file.content else []
    return next((each for each in found if each.state in IMPORTED), found[0] if found else None)


def open_booking(file: BursarImport) -> JobRun | None:
    """The run that waits to book the file, or books it. One query."""
    mine = JobRun.objects.filter(institution_id=file.institution_id, name=NAME).exclude(state__in=ENDED)
    return next((each for each in mine.filter(params__kept=file.pk) if CHECK not in each.params), None)


def checked_since(actor: Actor, profile: BursarProfile | None, since: datetime) -> QuerySet[BursarImport]:
    """The files that were checked from ``since`` on and could be booked, newest first, each once, and none that was."""
    same = BursarImport.objects.filter(institution=OuterRef("institution"), content=OuterRef("content"))
    was_booked = Q(state__in=(*IMPORTED, State.UNDONE))
    booked_or_checked_again = same.filter(was_booked | Q(is_check=True, pk__gt=OuterRef("pk")))
    checked = imports_of(actor, profile).filter(state=State.CHECKED, reason="", started_at__gte=since)
    return checked.exclude(Exists(booked_or_checked_again))
