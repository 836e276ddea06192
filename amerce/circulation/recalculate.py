"""The job ``recalculate-overdue-fines``: takes back what was charged for days of a closing entered afterwards.

Why not by the total alone, as when a loan comes back: terms may have changed since it did, and a closing takes back the
days that it closed and nothing else. Why once for each closing: so that nothing is taken back twice; whoever asks
again goes on where the runs before stopped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.books import open_books
from amerce.charges.last_charged import last_charged_at
from amerce.charges.loan_charge import lower_to, of_loans, reckoned_minor
from amerce.charges.models import Fee
from amerce.charges.request import Request
from amerce.circulation.accrue_loans import LOWERED
from amerce.circulation.add_closure import RECALCULATION
from amerce.circulation.models import CalendarException, Loan
from amerce.circulation.opening import Closure, Opening
from amerce.circulation.overdue_charges import charge_of
from amerce.circulation.reckoning import OVERDUE_TYPES, Reckoning, reckon
from amerce.circulation.terms import NoTerms
from amerce.events.queries import those_of_patrons
from amerce.institutions.days import begin_of_day, local_day
from amerce.institutions.models import Institution
from amerce.jobs.job import Job, JobRefused, Step
from amerce.jobs.models import JobRun
from amerce.money.format import format_plain

SLICE_LOANS = 80
"""A fine that is lowered after it was paid writes five rows, so a slice stays below 500."""
_CLOSURE = "closure"


def charged_loans(institution: Institution, closure: CalendarException) -> QuerySet[Loan]:
    """Loans with an overdue charge that were out on a day of ``closure``, in its library or in all."""
    begin = begin_of_day(closure.first_on, institution.zone)
    end = begin_of_day(closure.last_on + timedelta(days=1), institution.zone)
    charged = Fee.objects.filter(loan=OuterRef("pk"), type__code__in=OVERDUE_TYPES)
    charged = charged.filter(original_minor__gt=F("reduced_minor"))
    loans = Loan.objects.filter(Q(returned_at=None) | Q(returned_at__gt=begin), institution=institution)
    loans = loans.filter(Exists(charged), loaned_at__lt=end, patron__isnull=False)
    return loans if closure.library_id is None else loans.filter(library_id=closure.library_id)


def _read_params(given: Mapping[str, str], institution_id: int, at: datetime) -> dict[str, Any]:
    typed = given[_CLOSURE]
    words = {"typed": typed}
    if not (typed.isascii() and typed.isdigit() and len(typed) < 19):  # noqa: PLR2004 digits of a BIGINT
        raise JobRefused(_("closure is the number of a closing of the calendar, not “%(typed)s”.") % words, _CLOSURE)
    if not CalendarException.objects.filter(institution_id=institution_id, pk=int(typed)).exists():
        raise JobRefused(_("The calendar has no closing %(typed)s.") % words, _CLOSURE)
    return {_CLOSURE: int(typed)}


def _expected(run: JobRun) -> int:
    return charged_loans(run.institution, _closure(run)).filter(pk__gt=_reached(run)).count()


def _slice(run: JobRun, actor: Actor, at: datetime) -> Step:
    institution, closure = run.institution, _closure(run)
    after = run.cursor.get("after", _reached(run))
    unseen = charged_loans(institution, closure).filter(pk__gt=after)
    loans = list(unseen.select_related("item", "patron").order_by("pk")[:SLICE_LOANS])
    counts = {"looked_at": len(loans), "lowered": 0, "total_minor": 0}
    last_charged = last_charged_at(institution.pk, [each.pk for each in loans], OVERDUE_TYPES)
    as_it_is = reckon(institution, loans)
    later = list(CalendarException.objects.filter(institution=institution, pk__gt=closure.pk))
    as_closed, as_open = _without(as_it_is, later), _without(as_it_is, [*later, closure])
    back = _returned_since(institution, closure, loans)
    # Accounts are locked in the order of patrons, as every command that locks several does.
    for loan in sorted(loans, key=lambda each: (each.borrower_id, each.pk)):
        if loan.pk in back:
            continue
        until = _charged_until(institution, last_charged[loan.pk])
        try:
            least = as_it_is.totals_minor(loan, until)
            new, old = as_closed.totals_minor(loan, until), as_open.totals_minor(loan, until)
        except NoTerms:
            continue
        if any(new[each] < old[each] for each in OVERDUE_TYPES):
            lowered_minor = _lower(actor, at, loan, closure, old_minor=old, new_minor=new, least_minor=least)
            counts["lowered"] += lowered_minor > 0
            counts["total_minor"] += lowered_minor
    cursor = {"after": loans[-1].pk if loans else after}
    return Step(cursor=cursor, counts=counts, is_last=len(loans) < SLICE_LOANS)


def _summary(run: JobRun) -> str:
    total = format_plain(run.counts["total_minor"], run.institution.currency)
    return f"looked_at={run.counts['looked_at']} lowered={run.counts['lowered']} total={total}"


RECALCULATE = Job(
    name=RECALCULATION,
    title=gettext_lazy("Lower Overdue Fines after a Closing"),
    params={_CLOSURE: gettext_lazy("the number of a closing of the calendar that was entered afterwards")},
    needed=frozenset({_CLOSURE}),
    privileges=frozenset({Privilege.FEE_ACCRUE}),
    read_params=_read_params,
    expected=_expected,
    slice=_slice,
    summary=_summary,
)


def _lower(
    actor: Actor,
    at: datetime,
    loan: Loan,
    closure: CalendarException,
    *,
    old_minor: Mapping[str, int],
    new_minor: Mapping[str, int],
    least_minor: Mapping[str, int],
) -> int:
    """Take back by how much ``new_minor`` is less, of each fee type, but nothing below ``least_minor``; how much."""
    require(actor, Privilege.FEE_ACCRUE)
    books = open_books(actor=actor, at=at, patron_id=loan.borrower_id, also=of_loans([loan.pk]))
    comment = _comment(closure)
    lowered_minor = 0
    for type_code in OVERDUE_TYPES:
        less_minor = old_minor[type_code] - new_minor[type_code]
        if less_minor > 0:
            total_minor = max(least_minor[type_code], reckoned_minor(books.of_loan(loan.pk, type_code)) - less_minor)
            lowered_minor += lower_to(books, charge_of(loan, type_code, comment), total_minor)
    if lowered_minor or books.draft.reckoned:
        books.close(Request(verb="lower", inputs={}), LOWERED, {"loan": loan.pk, "closure": closure.pk})
    return lowered_minor


def _returned_since(institution: Institution, closure: CalendarException, loans: Sequence[Loan]) -> set[int]:
    """The loans that were taken back after ``closure`` was entered: their return has left its days out already.

    Why by the event: a return that is dated back says an earlier moment than the one at which it was reckoned.
    """
    returned = those_of_patrons(
        institution.pk, {each.borrower_id for each in loans}, "loan.returned", closure.created_at
    )
    return {each["loan"] for each in returned.values_list("data", flat=True)}


def _charged_until(institution: Institution, last_charged: datetime) -> datetime:
    """The midnight after the last charge: days since have not been charged, so none of them can be taken back."""
    day = local_day(last_charged, institution.zone)
    return begin_of_day(day + timedelta(days=1), institution.zone)


def _without(reckoning: Reckoning, closures: Sequence[CalendarException]) -> Reckoning:
    """The same reckoning as if ``closures`` had not been entered.

    Why those that were entered later as well: of two that close the same day the first takes it back, the other
    nothing. With both in the calendar neither would make a difference.
    """

    def opened(library_id: int, opening: Opening) -> Opening:
        left = list(opening.closures)
        for each in closures:
            gone = Closure(each.first_on, each.last_on, each.removed_on)
            if each.library_id in (None, library_id) and gone in left:
                left.remove(gone)
        return replace(opening, closures=tuple(left))

    return replace(reckoning, openings={key: opened(key, each) for key, each in reckoning.openings.items()})


def _closure(run: JobRun) -> CalendarException:
    return CalendarException.objects.get(institution=run.institution, pk=run.params[_CLOSURE])


def _reached(run: JobRun) -> int:
    """The last loan that earlier runs for the same closing looked at."""
    earlier = JobRun.objects.filter(institution=run.institution, name=RECALCULATION).exclude(pk=run.pk)
    cursors: Sequence[Any] = list(earlier.filter(params__closure=run.params[_CLOSURE]).values_list("cursor", flat=True))
    return max((each.get("after", 0) for each in cursors), default=0)


def _comment(closure: CalendarException) -> str:
    days = {"first": closure.first_on.isoformat(), "last": closure.last_on.isoformat(), "reason": closure.reason}
    if closure.first_on == closure.last_on:
        return _("Closed on %(first)s: %(reason)s") % days
    return _("Closed from %(first)s to %(last)s: %(reason)s") % days
