"""The job ``anonymise-loans``: what came back long ago no longer says who had it, nor who waited for it (row E3).

Why not with a fine or fee: who owes or has paid for a loan may ask what it was. No money hangs on a request.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.models import Fee
from amerce.circulation.forget import forget_borrowers, forget_requesters
from amerce.circulation.keeping import PARAMS, before_of, in_words, is_dry, reads_params
from amerce.circulation.models import Loan, LoanNote, Request
from amerce.institutions.days import begin_of_day
from amerce.institutions.models import Institution
from amerce.jobs.job import Job, Step
from amerce.jobs.models import JobRun
from amerce.letters.erase import erase_letters_about

SLICE_LOANS, SLICE_REQUESTS = 60, 40
"""A loan and a request have a handful of events and seldom a note, so a slice stays below 500 rows."""


@dataclass(frozen=True)
class Anonymising:
    """How many returns lose their patron, how many keep it for a fine or fee, how many notes go, and how many
    requests lose their patron.
    """

    looked_at: int
    anonymised: int
    kept: int
    notes: int
    requests: int


def old_returns(institution: Institution, before: date) -> QuerySet[Loan]:
    """Loans that came back before that day in the institution's zone and still say who had them."""
    returned = Loan.objects.filter(institution=institution, returned_at__lt=begin_of_day(before, institution.zone))
    return returned.filter(patron__isnull=False)


def old_requests(institution: Institution, before: date) -> QuerySet[Request]:
    """Requests that ended before that day in the institution's zone and still say who waited."""
    closed = Request.objects.filter(institution=institution, closed_at__lt=begin_of_day(before, institution.zone))
    return closed.filter(patron__isnull=False)


def anonymising(institution: Institution, before: date) -> Anonymising:
    """What a run would do. Four queries. For pages that asked whether it may be shown."""
    loans = old_returns(institution, before)
    charged = Exists(Fee.objects.filter(loan=OuterRef("pk")))
    looked_at, kept = loans.count(), loans.filter(charged).count()
    notes = LoanNote.objects.filter(institution=institution, loan__in=loans.filter(~charged).values("pk")).count()
    requests = old_requests(institution, before).count()
    return Anonymising(looked_at + requests, looked_at - kept, kept, notes, requests)


def _expected(run: JobRun) -> int:
    institution, before = run.institution, before_of(run)
    return old_returns(institution, before).count() + old_requests(institution, before).count()


def _slice(run: JobRun, actor: Actor, at: datetime) -> Step:
    require(actor, Privilege.LOAN_PURGE)
    if is_dry(run):
        return Step(cursor={}, counts=asdict(anonymising(run.institution, before_of(run))), is_last=True)
    loans = list(_unseen(run).select_for_update(of=("self",))[:SLICE_LOANS])
    waited = old_requests(run.institution, before_of(run)).order_by("closed_at", "pk")
    requests = dict(waited.select_for_update(of=("self",)).values_list("pk", "patron_id")[:SLICE_REQUESTS])
    return Step(
        cursor=_cursor_after(run, loans),
        counts=asdict(_anonymise(run.institution, {each.pk: each.borrower_id for each in loans}, requests, at)),
        is_last=len(loans) < SLICE_LOANS and len(requests) < SLICE_REQUESTS,
    )


def _summary(run: JobRun) -> str:
    return in_words(run, "anonymised", "kept", "notes", "requests")


ANONYMISE_LOANS = Job(
    name="anonymise-loans",
    title=gettext_lazy("Anonymise Returned Loans"),
    params=PARAMS,
    privileges=frozenset({Privilege.LOAN_PURGE}),
    read_params=reads_params("anonymise_after_days"),
    expected=_expected,
    slice=_slice,
    summary=_summary,
)


def _cursor_after(run: JobRun, loans: Sequence[Loan]) -> dict[str, Any]:
    if not loans:
        return dict(run.cursor)
    returned_at = loans[-1].returned_at
    assert returned_at is not None, "only what came back is looked at"
    return {"returned_at": returned_at.isoformat(), "after": loans[-1].pk}


def _unseen(run: JobRun) -> QuerySet[Loan]:
    loans = old_returns(run.institution, before_of(run)).order_by("returned_at", "pk")
    if "after" not in run.cursor:
        return loans
    returned_at: Any = datetime.fromisoformat(run.cursor["returned_at"])
    return loans.filter(
        Q(returned_at__gt=returned_at) | Q(returned_at=returned_at, pk__gt=run.cursor["after"]),
        returned_at__gte=returned_at,
    )


def _anonymise(institution: Institution, loans: dict[int, int], requests: dict[int, int], at: datetime) -> Anonymising:
    """``loans`` and ``requests`` are locked, by id with the patron's; so no fee begins to name one of the loans while
    it loses its patron.
    """
    charged = set(Fee.objects.filter(institution=institution, loan__in=list(loans)).values_list("loan_id", flat=True))
    free = {loan_id: patron_id for loan_id, patron_id in loans.items() if loan_id not in charged}
    notes, _by_table = LoanNote.objects.filter(institution=institution, loan__in=list(free)).delete()
    about = {f"loan:{each}" for each in free} | {f"request:{each}" for each in requests}
    erase_letters_about(institution.pk, {*free.values(), *requests.values()}, about, at=at)
    forget_borrowers(institution.pk, free)
    Loan.objects.filter(institution=institution, pk__in=list(free)).update(patron=None)
    forget_requesters(institution.pk, requests)
    Request.objects.filter(institution=institution, pk__in=list(requests)).update(patron=None)
    return Anonymising(len(loans) + len(requests), len(free), len(charged), notes, len(requests))
