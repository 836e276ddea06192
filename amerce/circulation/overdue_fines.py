"""The job ``overdue-fines``: charges what loans that are out and late cost by a given day.

Why by the day's total: asked again for the same day there is nothing left to add, and for a later day only the
difference, on the same fee.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.access.actors import Actor
from amerce.access.privileges import Privilege
from amerce.circulation.accrue_loans import Accrued, Growth, accrue_loans, growth_of
from amerce.circulation.late_loans import PARAMS, as_of, cursor_after, expected, read_params, unseen
from amerce.circulation.models import Loan
from amerce.circulation.terms import NoTerms
from amerce.institutions.days import begin_of_day
from amerce.institutions.models import Institution
from amerce.jobs.job import Job, JobRefused, Step
from amerce.jobs.models import JobRun
from amerce.money.format import format_plain

SLICE_LOANS = {"sqlite": 80, "postgresql": 150}
"""How many loans, and how many fines, one transaction takes.

A first fine writes six rows, so a slice stays below the 500 rows that one transaction may write on SQLite, where all
others wait for it. On PostgreSQL a desk waits only for the account of its own patron (``docs/reference/bench.md``).
"""
_SCHEDULED = "scheduled"
_WAITS = "waits_for_return"
"""Kept with a run whose institution charges at return and renewal: there is nothing to do at night."""
_NEEDED = (
    "institution", "library", "patron__group", "item__title", "item__barcode", "item__policy_code", "status", "due_at",
    "recalled_at", "returned_at",
)  # fmt: skip
"""What a fine follows from; a job reads it a hundred thousand times."""


def _read_params(given: Mapping[str, str], institution_id: int, at: datetime) -> dict[str, Any]:
    params = read_params(given, institution_id, at)
    scheduled = given.get(_SCHEDULED, "no")
    if scheduled not in ("yes", "no"):
        raise JobRefused(_("scheduled is yes or no, not “%(typed)s”.") % {"typed": scheduled}, _SCHEDULED)
    waits = scheduled == "yes" and not Institution.objects.get(pk=institution_id).accrues_nightly
    return {**params, _WAITS: True} if waits else params


def _expected(run: JobRun) -> int:
    return 0 if run.params.get(_WAITS) else expected(run)


def _slice(run: JobRun, actor: Actor, at: datetime) -> Step:
    if run.params.get(_WAITS):
        return Step(cursor=run.cursor, counts={"looked_at": 0, **asdict(Accrued())}, is_last=True)
    institution, limit = run.institution, _slice_loans()
    midnight = begin_of_day(as_of(run) + timedelta(days=1), institution.zone)
    read = list(unseen(run).only(*_NEEDED)[:limit])
    try:
        growth = growth_of(institution, read, midnight)
        loans = _within_limit(read, growth, limit)
        accrued = accrue_loans(actor=actor, at=at, loans=loans, growth=growth)
    except NoTerms as missing:
        title = next(each.item.title for each in read if missing.is_of(each))
        raise JobRefused(_("No terms of use say what a loan of %(title)s costs.") % {"title": title}) from missing
    return Step(
        cursor=cursor_after(run, loans),
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
    params={
        **PARAMS,
        _SCHEDULED: gettext_lazy("yes: charge only if the institution charges overdue fines every night"),
    },
    privileges=frozenset({Privilege.FEE_ACCRUE}),
    read_params=_read_params,
    expected=_expected,
    slice=_slice,
    summary=_summary,
)


def _slice_loans() -> int:
    return SLICE_LOANS[connection.vendor]


def _within_limit(loans: Sequence[Loan], growth: Growth, limit: int) -> list[Loan]:
    """So many of ``loans`` from the first on as have no more than ``limit`` fines to be raised, but one at least."""
    fines = 0
    for number, loan in enumerate(loans):
        fines += len(growth.totals_minor.get(loan.pk, ()))
        if fines > limit and number:
            return list(loans[:number])
    return list(loans)
