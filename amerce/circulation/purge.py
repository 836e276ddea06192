"""The job ``purge-returns``: returned loans and closed requests leave the lists for good (row E3).

Why the rows go: who reads the lists, a backup or an export must not find what a library promised to forget. Money is
not touched: a fee keeps title, barcode and dates of its loan.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.models import Fee
from amerce.charges.release_loans import release_loans
from amerce.circulation.keeping import PARAMS, before_of, in_words, is_dry, reads_params
from amerce.circulation.models import Loan, LoanNote, LoanSpell, Request
from amerce.institutions.days import begin_of_day
from amerce.institutions.models import Institution
from amerce.jobs.job import Job, Step
from amerce.jobs.models import JobRun

SLICE_ROWS = 60
"""Loans, and requests, that one slice deletes; with notes, spells and fees it stays below 500 rows."""


@dataclass(frozen=True)
class Purging:
    """How many loans and requests go, with them how many notes, and how many fees keep the dates of a loan."""

    looked_at: int
    loans: int
    notes: int
    requests: int
    fees: int


def purgeable_loans(institution: Institution, before: date) -> QuerySet[Loan]:
    """Loans that came back before that day in the institution's zone."""
    return Loan.objects.filter(institution=institution, returned_at__lt=begin_of_day(before, institution.zone))


def purgeable_requests(institution: Institution, before: date) -> QuerySet[Request]:
    """Requests that were fulfilled or given up before that day in the institution's zone."""
    return Request.objects.filter(institution=institution, closed_at__lt=begin_of_day(before, institution.zone))


def purging(institution: Institution, before: date) -> Purging:
    """What a run would do. Four queries. For pages that asked whether it may be shown."""
    of_loans = {"institution": institution, "loan__in": purgeable_loans(institution, before).values("pk")}
    loans, requests = purgeable_loans(institution, before).count(), purgeable_requests(institution, before).count()
    return Purging(
        looked_at=loans + requests,
        loans=loans,
        notes=LoanNote.objects.filter(**of_loans).count(),
        requests=requests,
        fees=Fee.objects.filter(**of_loans).count(),
    )


def _expected(run: JobRun) -> int:
    institution, before = run.institution, before_of(run)
    return purgeable_loans(institution, before).count() + purgeable_requests(institution, before).count()


def _slice(run: JobRun, actor: Actor, at: datetime) -> Step:
    """What is gone is not found again, so the next slice begins where this one ended without a cursor."""
    require(actor, Privilege.LOAN_PURGE)
    institution, before = run.institution, before_of(run)
    if is_dry(run):
        return Step(cursor={}, counts=asdict(purging(institution, before)), is_last=True)
    loans = purgeable_loans(institution, before).order_by("returned_at", "pk")
    requests = purgeable_requests(institution, before).order_by("closed_at", "pk")
    loan_ids = list(loans.values_list("pk", flat=True)[:SLICE_ROWS])
    request_ids = list(requests.values_list("pk", flat=True)[:SLICE_ROWS])
    purged = _purge(institution, loan_ids, request_ids)
    return Step(cursor={}, counts=asdict(purged), is_last=max(len(loan_ids), len(request_ids)) < SLICE_ROWS)


def _summary(run: JobRun) -> str:
    return in_words(run, "loans", "notes", "requests", "fees")


PURGE_RETURNS = Job(
    name="purge-returns",
    title=gettext_lazy("Purge Return Lists"),
    params=PARAMS,
    privileges=frozenset({Privilege.LOAN_PURGE}),
    read_params=reads_params("returns_kept_days"),
    expected=_expected,
    slice=_slice,
    summary=_summary,
)


def _purge(institution: Institution, loan_ids: list[int], request_ids: list[int]) -> Purging:
    """Fees are locked by id and then the loans, in the order of all commands; so no fee begins to name one of them."""
    mine = {"institution": institution, "loan__in": loan_ids}
    list(Fee.objects.select_for_update(of=("self",)).filter(**mine).order_by("pk").values_list("pk"))
    loans = Loan.objects.filter(institution=institution, pk__in=loan_ids)
    list(loans.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    fees = release_loans(institution.pk, loan_ids)
    notes, _notes = LoanNote.objects.filter(**mine).delete()
    LoanSpell.objects.filter(**mine).delete()
    loans.delete()
    Request.objects.filter(institution=institution, pk__in=request_ids).delete()
    return Purging(len(loan_ids) + len(request_ids), len(loan_ids), notes, len(request_ids), fees)
