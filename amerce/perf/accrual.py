"""The nightly fines: a slice of the job, beside batches written by hand and beside one command for each loan."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from time import perf_counter
from typing import Any

from django.db import connection, transaction

from amerce.access.actors import Actor, system_actor
from amerce.access.privileges import Privilege
from amerce.charges.accrue import accrue
from amerce.charges.models import FeeType
from amerce.circulation.accrue_loans import accrue_loans, growth_of
from amerce.circulation.models import Item, Loan
from amerce.circulation.overdue_fines import OVERDUE_FINES, SLICE_LOANS
from amerce.circulation.queries import facts_of
from amerce.circulation.reckoning import OVERDUE_TYPE, reckon
from amerce.institutions.models import Institution
from amerce.jobs.models import JobRun
from amerce.ledger.models import PatronAccount
from amerce.patrons.models import Patron
from amerce.perf import accrual_limit
from amerce.perf.case import Case
from amerce.perf.ground import VAT_RATE_BP, Ground, now
from amerce.perf.plain import Plain

AS_OF = date(2026, 1, 20)
SINGLE_LOANS = 200
"""How many loans are charged one command after the other, for comparison."""
_DUE = datetime(2026, 1, 10, 12, 0, 30, tzinfo=UTC)
_EARLIER = datetime(2026, 1, 15, tzinfo=UTC)
_UNTIL = datetime(2026, 1, 21, tzinfo=UTC)
_PREFIX = "LATE"
_serial = count(1)


@dataclass(frozen=True)
class Batch:
    """Loans that one slice charges: the first half have a fine that grows, the others get their first."""

    run: JobRun
    actor: Actor
    patron_id: int
    loan_ids: Sequence[int]
    at: datetime
    fee_id: int = 0


def batches(ground: Ground, works: int) -> list[Any]:
    made = [_batch(ground) for _ in range(works)]
    with connection.cursor() as cursor:  # as autovacuum does: without it a new database plans for empty tables
        cursor.execute("ANALYZE")
    return made


def _batch(ground: Ground) -> Batch:
    institution = Institution.objects.get(pk=ground.institution_id)
    FeeType.objects.filter(institution=institution, code=OVERDUE_TYPE).update(vat_rate_bp=VAT_RATE_BP)
    size = SLICE_LOANS[connection.vendor]
    patron_ids = late_patrons(institution, size)
    patron_ids = patron_ids[1::2] + patron_ids[::2]  # loans are not in the order of patrons
    loans = lend(ground, institution, patron_ids)
    actor = system_actor(institution.pk, "job overdue-fines", Privilege.FEE_ACCRUE)
    with_item = _with_item(loans[: size // 2])
    with transaction.atomic():
        growth = growth_of(institution, with_item, _EARLIER)
        accrue_loans(actor=actor, at=now(), loans=with_item, growth=growth)
    cursor = {"due_at": loans[0].due_at.isoformat(), "after": loans[0].pk - 1}
    run = JobRun(institution=institution, name=OVERDUE_FINES.name, params={"as_of": AS_OF.isoformat()}, cursor=cursor)
    return Batch(run, actor, patron_ids[0], [each.pk for each in loans], now())


def late_patrons(institution: Institution, number: int) -> list[int]:
    """So many patrons, with accounts as if they had been charged before."""
    late = Patron.objects.filter(institution=institution, primary_id__startswith=_PREFIX).order_by("pk")
    found = list(late.values_list("pk", flat=True)[:number])
    names = [f"{_PREFIX}{each:06}" for each in range(len(found) + 1, number + 1)]
    made = Patron.objects.bulk_create(
        (
            Patron(
                institution=institution, primary_id=name, primary_folded=name.lower(), last_name=name, created_at=now()
            )
            for name in names
        ),
        batch_size=1000,
    )
    PatronAccount.objects.bulk_create(
        (PatronAccount(institution=institution, patron=each) for each in made), batch_size=1000
    )
    return found + [each.pk for each in made]


def lend(ground: Ground, institution: Institution, patron_ids: Sequence[int]) -> list[Loan]:
    """A late loan to each patron, due after those that were lent before."""
    serials = [next(_serial) for _ in patron_ids]
    library_id = ground.library_id
    token = now().timestamp()
    items = Item.objects.bulk_create(
        (
            Item(institution=institution, library_id=library_id, title="The leopard", barcode=f"{token}-{each}")
            for each in serials
        ),
        batch_size=1000,
    )
    due_at = _DUE + timedelta(microseconds=serials[0])
    return Loan.objects.bulk_create(
        (
            Loan(
                institution=institution,
                library_id=library_id,
                patron_id=patron_id,
                item=item,
                loaned_at=due_at - timedelta(days=28),
                due_at=due_at,
            )
            for patron_id, item in zip(patron_ids, items, strict=True)
        ),
        batch_size=1000,
    )


def _with_item(loans: Sequence[Loan]) -> list[Loan]:
    return list(Loan.objects.filter(pk__in=[each.pk for each in loans]).select_related("item", "patron").order_by("pk"))


def _accrue(ground: Ground, _: Plain, batch: Batch) -> None:
    with transaction.atomic():
        OVERDUE_FINES.slice(batch.run, batch.actor, batch.at)


def _limit_accrue(ground: Ground, plain: Plain, batch: Batch) -> None:
    accrual_limit.accrue(
        ground, plain, batch.run.cursor, batch.actor, as_of=AS_OF, at=batch.at, limit=SLICE_LOANS[connection.vendor]
    )


def remarks(ground: Ground) -> Iterator[str]:
    """How fast the same loans are charged one command after the other, without the time to reckon them."""
    institution = Institution.objects.get(pk=ground.institution_id)
    loans = _with_item(lend(ground, institution, late_patrons(institution, SINGLE_LOANS)))
    actor = system_actor(institution.pk, "bench", Privilege.FEE_ACCRUE)
    reckoning = reckon(institution, loans)
    began = perf_counter()
    for loan in loans:
        accrue(
            actor=actor,
            at=now(),
            patron_id=loan.borrower_id,
            loan_id=loan.pk,
            type_code=OVERDUE_TYPE,
            total_minor=reckoning.totals_minor(loan, _UNTIL)[OVERDUE_TYPE],
            item=facts_of(loan.item),
            owner_library_id=loan.library_id,
            comment="Date generated: 01/20/2026, Due: 01/10/2026, Fine Policy/ies: Standard loan: $0.25 per day",
        )
    yield f"accrue, one command for each loan: {len(loans) / (perf_counter() - began):,.0f}/s"


CASES = (Case("accrue (batches)", batches, _accrue, _limit_accrue, batch=SLICE_LOANS.get(connection.vendor, 1)),)
