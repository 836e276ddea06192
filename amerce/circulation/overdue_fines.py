"""The job ``overdue-fines``: charges what loans that are out and late cost by a given day.

Why by the day's total: asked again for the same day there is nothing left to add, and for a later day only the
difference, on the same fee.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from babel import Locale
from babel.dates import format_date
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.access.actors import Actor
from amerce.access.privileges import Privilege
from amerce.charges.accrue import accrue
from amerce.charges.charged import charges_of_loans
from amerce.charges.errors import TypeUnknown
from amerce.circulation.models import Loan, TermsOfUse
from amerce.circulation.queries import facts_of
from amerce.circulation.reckoning import OVERDUE_TYPE, Reckoning, reckon
from amerce.circulation.terms import NoTerms
from amerce.institutions.models import Institution
from amerce.jobs.job import Job, JobRefused, Step
from amerce.jobs.models import JobRun
from amerce.money.format import format_amount, format_plain

FEE_TYPE = OVERDUE_TYPE
SLICE_LOANS = 80
"""A first fine writes six rows, so a slice stays below the 500 rows that one transaction may write on SQLite."""
_CHARGEABLE = (Loan.Status.NORMAL, Loan.Status.RENEW, Loan.Status.RECALL)
_AS_OF = "as_of"


def late_loans(institution: Institution, as_of: date) -> QuerySet[Loan]:
    """Loans still out that were due before ``as_of`` in the institution's zone, neither claimed returned nor lost."""
    midnight = datetime.combine(as_of, time.min, institution.zone)
    out = Loan.objects.filter(institution=institution, returned_at=None, closed_at=None)
    return out.filter(due_at__lt=midnight, status__in=_CHARGEABLE)


def _read_params(given: Mapping[str, str], institution_id: int, at: datetime) -> dict[str, Any]:
    zone = Institution.objects.get(pk=institution_id).zone
    typed = given.get(_AS_OF)
    if typed is None:
        return {_AS_OF: at.astimezone(zone).date().isoformat()}
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", typed, re.ASCII):
        raise JobRefused(_("as_of is a day written as 2024-07-15, not “%(typed)s”.") % {"typed": typed})
    try:
        day = date.fromisoformat(typed)
        datetime.combine(day, time.min, zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise JobRefused(_("There is no day %(typed)s.") % {"typed": typed}) from error
    if day > at.astimezone(zone).date():
        raise JobRefused(_("%(typed)s has not come yet: days are charged when they have passed.") % {"typed": typed})
    return {_AS_OF: day.isoformat()}


def _expected(run: JobRun) -> int:
    return late_loans(run.institution, _as_of(run)).count()


def _slice(run: JobRun, actor: Actor, at: datetime) -> Step:
    institution, as_of = run.institution, _as_of(run)
    unseen = late_loans(institution, as_of).filter(pk__gt=run.cursor.get("after", 0))
    loans = list(unseen.select_related("item", "patron").order_by("pk")[:SLICE_LOANS])
    counts = {"looked_at": len(loans), "made": 0, "raised": 0, "total_minor": 0}
    # Read without a lock, so that a loan with nothing to add costs none; ``accrue`` decides again under lock.
    charged = charges_of_loans(institution.pk, [each.pk for each in loans], (FEE_TYPE,))
    fees_before = {fee_id for each in charged.values() for fee_id in each.fee_ids}
    reckoning = reckon(institution, loans)
    # Accounts are locked in the order of patrons, as every command that locks several does.
    for loan in sorted(loans, key=lambda each: (each.borrower_id, each.pk)):
        total_minor = _total_minor(reckoning, loan, as_of)
        if total_minor <= charged[loan.pk, FEE_TYPE].minor:
            continue
        comment = _comment(institution, reckoning.terms_of(loan), loan, as_of)
        for line in _accrue(actor, at, loan, total_minor, comment):
            counts["raised" if line.fee_id in fees_before else "made"] += 1
            counts["total_minor"] += line.amount_minor
    is_last = len(loans) < SLICE_LOANS
    return Step(cursor={"after": loans[-1].pk} if loans else run.cursor, counts=counts, is_last=is_last)


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


def _total_minor(reckoning: Reckoning, loan: Loan, as_of: date) -> int:
    midnight = datetime.combine(as_of + timedelta(days=1), time.min, reckoning.institution.zone)
    try:
        return reckoning.totals_minor(loan, midnight)[FEE_TYPE]
    except NoTerms as missing:
        raise JobRefused(
            _("No terms of use say what a loan of %(title)s costs.") % {"title": loan.item.title}
        ) from missing


def _accrue(actor: Actor, at: datetime, loan: Loan, total_minor: int, comment: str) -> Sequence[Any]:
    try:
        outcome = accrue(
            actor=actor,
            at=at,
            patron_id=loan.borrower_id,
            loan_id=loan.pk,
            type_code=FEE_TYPE,
            total_minor=total_minor,
            item=facts_of(loan.item),
            owner_library_id=loan.library_id,
            comment=comment,
        )
    except TypeUnknown as error:
        raise JobRefused(_("The fee type %(type)s is disabled.") % {"type": FEE_TYPE}) from error
    return outcome.lines if outcome else ()


def _comment(institution: Institution, terms: TermsOfUse, loan: Loan, as_of: date) -> str:
    """In the manner of Alma's comments; the loan goes on, so there is no action to name."""
    due_on = loan.due_at.astimezone(institution.zone).date()
    return _("Date generated: %(as_of)s, Due: %(due)s, Fine Policy/ies: %(policy)s: %(rate)s per day") % {
        "as_of": _day(as_of, institution.locale),
        "due": _day(due_on, institution.locale),
        "policy": terms.name,
        "rate": format_amount(terms.overdue_rate_minor, institution.currency, institution.locale),
    }


def _day(day: date, locale: str) -> str:
    """A day in the order of the locale with two digits each, ``07/05/2024``: columns of comments line up."""
    pattern = str(Locale.parse(locale).datetime_skeletons["yMd"].pattern)
    return format_date(day, re.sub(r"\b(M|d)\b", r"\1\1", pattern), locale=locale)
