"""What the nightly jobs on late loans have in common: the day they go by, and the loans, the longest late first."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.circulation.models import Loan
from amerce.institutions.days import begin_of_day, local_day
from amerce.institutions.models import Institution
from amerce.jobs.job import JobRefused
from amerce.jobs.models import JobRun

AS_OF = "as_of"
PARAMS: dict[str, str | Promise] = {
    AS_OF: gettext_lazy("the day up to which days count, as 2024-07-15; today if left out")
}
READ_LOANS = 1000
"""How many loans a slice looks at that has something to do for few of them: reading makes nobody wait."""
_CHARGEABLE = (Loan.Status.NORMAL, Loan.Status.RENEW, Loan.Status.RECALL)


def late_loans(institution: Institution, as_of: date) -> QuerySet[Loan]:
    """Loans still out that were due before ``as_of`` in the institution's zone, neither claimed returned nor lost."""
    midnight = begin_of_day(as_of, institution.zone)
    out = Loan.objects.filter(institution=institution, returned_at=None, closed_at=None)
    return out.filter(due_at__lt=midnight, status__in=_CHARGEABLE)


def unseen(run: JobRun) -> QuerySet[Loan]:
    """The late loans behind the cursor, in the order of the index of loans that are out."""
    loans = late_loans(run.institution, as_of(run)).select_related("item", "patron").order_by("due_at", "pk")
    if "due_at" not in run.cursor:
        return loans
    due_at, after = datetime.fromisoformat(run.cursor["due_at"]), run.cursor["after"]
    return loans.filter(Q(due_at__gt=due_at) | Q(due_at=due_at, pk__gt=after), due_at__gte=due_at)


@dataclass(frozen=True)
class Taken:
    """The loans that a slice looks at, and ``due`` among them, for which it has something to do.

    ``due`` is in the order of patrons: accounts are locked so by every command that locks several.
    """

    seen: Sequence[Loan]
    due: Sequence[Loan]
    is_last: bool


def take(run: JobRun, is_due: Callable[[Loan], bool], limit: int) -> Taken:
    """The next loans of ``run``, up to the one that is due as number ``limit``. One query."""
    seen, due = [], []
    for loan in unseen(run)[:READ_LOANS]:
        seen.append(loan)
        if is_due(loan):
            due.append(loan)
        if len(due) == limit:
            break
    due.sort(key=lambda each: (each.borrower_id, each.pk))
    return Taken(seen, due, is_last=len(seen) < READ_LOANS and len(due) < limit)


def cursor_after(run: JobRun, loans: Sequence[Loan]) -> dict[str, Any]:
    """Where the next slice begins when this one took ``loans``."""
    return {"due_at": loans[-1].due_at.isoformat(), "after": loans[-1].pk} if loans else run.cursor


def expected(run: JobRun) -> int:
    """How many loans the run is going to look at."""
    return late_loans(run.institution, as_of(run)).count()


def as_of(run: JobRun) -> date:
    return date.fromisoformat(run.params[AS_OF])


def is_late(loan: Loan, day: date, institution: Institution) -> bool:
    """Whether ``late_loans`` has it, as it stands under the caller's lock."""
    return loan.is_out and loan.status in _CHARGEABLE and days_late(loan, day, institution) > 0


def days_late(loan: Loan, day: date, institution: Institution) -> int:
    """Calendar days from the due day of ``loan`` to ``day`` in the institution's zone."""
    return (day - local_day(loan.due_at, institution.zone)).days


def read_params(given: Mapping[str, str], institution_id: int, at: datetime) -> dict[str, Any]:
    """The day to go by. Raises ``JobRefused`` for what is no day that has come."""
    zone = Institution.objects.get(pk=institution_id).zone
    typed = given.get(AS_OF)
    if typed is None:
        return {AS_OF: local_day(at, zone).isoformat()}
    words = {"typed": typed}
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", typed, re.ASCII):
        raise JobRefused(_("as_of is a day written as 2024-07-15, not “%(typed)s”.") % words, AS_OF)
    try:
        day = date.fromisoformat(typed)
        begin_of_day(day, zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise JobRefused(_("There is no day %(typed)s.") % words, AS_OF) from error
    if day > local_day(at, zone):
        raise JobRefused(_("%(typed)s has not come yet: days are charged when they have passed.") % words, AS_OF)
    return {AS_OF: day.isoformat()}
