"""What was exported, paid and is outstanding in all: by month, and by how long it has been at the bursar (row D7)."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.bursar.models import BOOKED, UNMATCHED, BursarLine, BursarPayment, BursarProfile
from amerce.bursar.reconciliation import signed_total
from amerce.institutions.days import local_day
from amerce.institutions.models import Institution

AGES = (30, 90, 180, 365)
"""The upper ends of the classes of age, in days."""

MONTHS_SHOWN = 12


@dataclass(frozen=True)
class AgeClass:
    """Fees at the bursar for ``first`` to ``days`` days, without ``days`` for ``first`` and more."""

    days: int | None
    first: int
    count: int = 0
    total_minor: int = 0


@dataclass(frozen=True)
class Month:
    """What was exported and what was paid in a month."""

    first: date
    exported_minor: int = 0
    paid_minor: int = 0


@dataclass
class Totals:
    """``closed_minor`` is what of the exported was closed with that, since its runs awaited no payment."""

    exported_minor: int = 0
    closed_minor: int = 0
    paid_minor: int = 0
    outstanding_minor: int = 0
    unmatched_count: int = 0
    months: list[Month] = field(default_factory=list)
    ages: list[AgeClass] = field(default_factory=list)


def totals(actor: Actor, profile: BursarProfile | None, at: datetime) -> Totals:
    """What was exported, paid and is outstanding in all, by month and by age. Six queries."""
    require_for(actor, Privilege.BURSAR_VIEW, EVERYWHERE)
    lines = BursarLine.objects.filter(
        institution_id=actor.institution_id, transfer__isnull=False, transfer__corrected_by=None
    )
    paid = BursarPayment.objects.filter(BOOKED, institution_id=actor.institution_id)
    unmatched = BursarPayment.objects.filter(UNMATCHED, institution_id=actor.institution_id)
    if profile:
        lines, paid = lines.filter(run__profile=profile), paid.filter(file__profile=profile)
        unmatched = unmatched.filter(file__profile=profile)
    exported = _by_month(lines, signed_total())
    received = _by_month(paid, Sum("applied_minor"))
    months = [Month(first, exported.get(first, 0), received.get(first, 0)) for first in _months({*exported, *received})]
    closed = lines.filter(run__awaits_payment=False).aggregate(total=signed_total())
    ages = _ages(lines, local_day(at, _zone(actor)))
    return Totals(
        exported_minor=sum(exported.values()),
        closed_minor=closed["total"] or 0,
        paid_minor=sum(received.values()),
        outstanding_minor=sum(each.total_minor for each in ages),
        unmatched_count=unmatched.count(),
        months=months,
        ages=ages,
    )


def _ages(lines: QuerySet[BursarLine], today: date) -> list[AgeClass]:
    open_lines = lines.exclude(fee__transferred_minor=0)
    bounds = [None, *(today - timedelta(days=each) for each in AGES)]
    classes: dict[str, Any] = {}
    for number, (newest, oldest) in enumerate(zip([None, *bounds[1:]], [*bounds[1:], None], strict=True)):
        which = Q()
        if newest is not None:
            which &= Q(transfer__at__date__lt=newest)
        if oldest is not None:
            which &= Q(transfer__at__date__gte=oldest)
        classes[f"count_{number}"] = Count("pk", filter=which)
        classes[f"total_{number}"] = Sum("fee__transferred_minor", filter=which, default=0)
    found = open_lines.aggregate(**classes)
    ends = zip([*AGES, None], [0, *(end + 1 for end in AGES)], strict=True)
    return [
        AgeClass(end, first, found[f"count_{number}"], found[f"total_{number}"])
        for number, (end, first) in enumerate(ends)
    ]


def _months(known: Collection[date]) -> list[date]:
    """Every month from the first that is known to the last, twelve at most."""
    if not known:
        return []
    found = [max(known)]
    while found[0] > min(known) and len(found) < MONTHS_SHOWN:
        found.insert(0, (found[0] - timedelta(days=1)).replace(day=1))
    return found


def _by_month(rows: QuerySet[Any], total: Any) -> dict[date, int]:
    months = (
        rows.annotate(month=TruncMonth("transfer__at")).values_list("month").annotate(total=total).order_by("month")
    )
    return {month.date() if isinstance(month, datetime) else month: total or 0 for month, total in months}


def _zone(actor: Actor) -> Any:
    return Institution.objects.get(pk=actor.institution_id).zone
