"""The job ``overdue-fines``: charges what loans that are out and late cost by a given day.

Why by the day's total: asked again for the same day there is nothing left to add, and for a later day only the
difference, on the same fee.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.access.actors import Actor
from amerce.access.privileges import Privilege
from amerce.charges.errors import TypeUnknown
from amerce.circulation.accrue_loans import Growth, accrue_loans, growth_of
from amerce.circulation.models import Loan
from amerce.circulation.terms import NoTerms
from amerce.institutions.days import begin_of_day, local_day
from amerce.institutions.models import Institution
from amerce.jobs.job import Job, JobRefused, Step
from amerce.jobs.models import JobRun
from amerce.money.format import format_plain

SLICE_LOANS = {"sqlite": 80, "postgresql": 500}
"""How many loans, and how many fines, one transaction takes.

A first fine writes six rows, so a slice stays below the 500 rows that one transaction may write on SQLite, where all
others wait for it. On PostgreSQL a desk waits only for the account of its own patron (``docs/reference/bench.md``).
"""
_CHARGEABLE = (Loan.Status.NORMAL, Loan.Status.RENEW, Loan.Status.RECALL)
_AS_OF = "as_of"
_NEEDED = (
    "institution", "library", "patron__group", "item__title", "item__barcode", "item__policy_code", "status", "due_at",
    "recalled_at", "returned_at",
)  # fmt: skip
"""What a fine follows from; a job reads it a hundred thousand times."""


def late_loans(institution: Institution, as_of: date) -> QuerySet[Loan]:
    """Loans still out that were due before ``as_of`` in the institution's zone, neither claimed returned nor lost."""
    midnight = begin_of_day(as_of, institution.zone)
    out = Loan.objects.filter(institution=institution, returned_at=None, closed_at=None)
    return out.filter(due_at__lt=midnight, status__in=_CHARGEABLE)


def _read_params(given: Mapping[str, str], institution_id: int, at: datetime) -> dict[str, Any]:
    zone = Institution.objects.get(pk=institution_id).zone
    typed = given.get(_AS_OF)
    if typed is None:
        return {_AS_OF: local_day(at, zone).isoformat()}
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", typed, re.ASCII):
        raise JobRefused(_("as_of is a day written as 2024-07-15, not “%(typed)s”.") % {"typed": typed})
    try:
        day = date.fromisoformat(typed)
        begin_of_day(day, zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise JobRefused(_("There is no day %(typed)s.") % {"typed": typed}) from error
    if day > local_day(at, zone):
        raise JobRefused(_("%(typed)s has not come yet: days are charged when they have passed.") % {"typed": typed})
    return {_AS_OF: day.isoformat()}


def _expected(run: JobRun) -> int:
    return late_loans(run.institution, _as_of(run)).count()


def _slice(run: JobRun, actor: Actor, at: datetime) -> Step:
    institution, as_of, limit = run.institution, _as_of(run), _slice_loans()
    midnight = begin_of_day(as_of + timedelta(days=1), institution.zone)
    read = list(_unseen(run, as_of)[:limit])
    try:
        growth = growth_of(institution, read, midnight)
        loans = _within_limit(read, growth, limit)
        accrued = accrue_loans(actor=actor, at=at, loans=loans, growth=growth)
    except NoTerms as missing:
        title = next(each.item.title for each in read if missing.is_of(each))
        raise JobRefused(_("No terms of use say what a loan of %(title)s costs.") % {"title": title}) from missing
    except TypeUnknown as error:
        raise JobRefused(_("The fee type %(type)s is disabled.") % {"type": error.code}) from error
    return Step(
        cursor={"due_at": loans[-1].due_at.isoformat(), "after": loans[-1].pk} if loans else run.cursor,
        counts={"looked_at": len(loans), **asdict(accrued)},
        is_last=len(loans) == len(read) < limit,
    )


def _summary(run: JobRun) -> str:
    counts = run.counts
    total = format_plain(counts["total_minor"], run.institution.currency)
    return f"looked_at={counts['looked_at']} made={counts['made']} raised={counts['raised']} total={total}"


OVERDUE_FINES = Job(
    name="overdue-fines",
    title=gettext_lazy("Overdue and Lost Loan"),
    params={_AS_OF: gettext_lazy("the day up to which days count, as 2024-07-15; today if left out")},
    privileges=frozenset({Privilege.FEE_ACCRUE}),
    read_params=_read_params,
    expected=_expected,
    slice=_slice,
    summary=_summary,
)


def _as_of(run: JobRun) -> date:
    return date.fromisoformat(run.params[_AS_OF])


def _slice_loans() -> int:
    return SLICE_LOANS[connection.vendor]


def _unseen(run: JobRun, as_of: date) -> QuerySet[Loan]:
    """The late loans behind the cursor, the longest late first: an index knows loans that are out by that."""
    loans = late_loans(run.institution, as_of).select_related("item", "patron").only(*_NEEDED).order_by("due_at", "pk")
    if "due_at" not in run.cursor:
        return loans
    due_at, after = datetime.fromisoformat(run.cursor["due_at"]), run.cursor["after"]
    return loans.filter(Q(due_at__gt=due_at) | Q(due_at=due_at, pk__gt=after), due_at__gte=due_at)


def _within_limit(loans: Sequence[Loan], growth: Growth, limit: int) -> list[Loan]:
    """So many of ``loans`` from the first on as have no more than ``limit`` fines to be raised, but one at least."""
    fines = 0
    for number, loan in enumerate(loans):
        fines += len(growth.totals_minor.get(loan.pk, ()))
        if fines > limit and number:
            return list(loans[:number])
    return list(loans)
