"""A slice of the nightly job writes what one command for each loan would have written."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from amerce.access.actors import Actor, system_actor
from amerce.access.can import NotAllowed
from amerce.access.privileges import Privilege
from amerce.charges.accrue import accrue
from amerce.charges.models import Fee
from amerce.circulation.accrue_loans import accrue_loans, growth_of
from amerce.circulation.comments import fine_comment
from amerce.circulation.models import Loan, LoanSpell
from amerce.circulation.queries import facts_of
from amerce.circulation.reckoning import reckon
from amerce.events.models import Event
from amerce.ledger.models import PatronAccount, Transfer
from amerce.ledger.verify import verify
from tests.circulation.lending import lend
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]

JOB = "job overdue-fines"
DUE = datetime(2024, 6, 30, 23, 59, 59, tzinfo=UTC)
FIRST, SECOND = datetime(2024, 7, 11, tzinfo=UTC), datetime(2024, 7, 16, tzinfo=UTC)


def job(library: Library) -> Actor:
    return system_actor(library.institution.pk, JOB, Privilege.FEE_ACCRUE)


def late_loans(library: Library) -> list[int]:
    """Three patrons: one with two loans, one with a recalled loan, one who owes something else."""
    patrons = [library.patron, library.new_patron("a"), library.new_patron("b")]
    library.charge(700, patron=patrons[2])
    loans = [lend(library, due_at=DUE, patron=each) for each in (*patrons, library.patron)]
    Loan.objects.filter(pk=loans[1].pk).update(recalled_at=DUE, status=Loan.Status.RECALL)
    return [each.pk for each in loans]


def read(ids: list[int]) -> list[Loan]:
    return list(Loan.objects.filter(pk__in=ids).select_related("item", "patron").order_by("pk"))


def in_one(library: Library, ids: list[int], until: datetime) -> dict[str, int]:
    with transaction.atomic():
        loans = read(ids)
        growth = growth_of(library.institution, loans, until)
        return vars(accrue_loans(actor=job(library), at=NOON, loans=loans, growth=growth))


def one_by_one(library: Library, ids: list[int], until: datetime) -> None:
    loans = read(ids)
    reckoning = reckon(library.institution, loans)
    for loan in sorted(loans, key=lambda each: (each.borrower_id, each.pk)):
        on = (until - timedelta(days=1)).date()
        comment = fine_comment(library.institution, reckoning.terms_of(loan), loan, on=on)
        for type_code, total_minor in reckoning.totals_minor(loan, until).items():
            accrue(
                actor=job(library),
                at=NOON,
                patron_id=loan.borrower_id,
                loan_id=loan.pk,
                type_code=type_code,
                total_minor=total_minor,
                item=facts_of(loan.item),
                owner_library_id=loan.library_id,
                comment=comment,
            )


def written(library: Library) -> list[Any]:
    institution = library.institution
    fees = Fee.objects.filter(institution=institution).order_by("pk").values(
        "type__code", "status", "closed_as", "original_minor", "remaining_minor", "paid_minor", "vat_rate_bp", "title",
        "patron__primary_id", "note__text", "created_at", "status_at",
    )  # fmt: skip
    moved = Transfer.objects.filter(institution=institution, actor_name=JOB)
    transfers = moved.order_by("account__patron__primary_id", "seq").values(
        "account__patron__primary_id", "seq", "kind", "debit", "credit", "amount_minor", "vat_minor", "actor_name",
        "note__text", "fee__type__code", "at",
    )  # fmt: skip
    events = Event.objects.filter(institution=institution, actor_name=JOB).order_by("pk")
    told = [
        (each.name, each.actor_name, [{**line, "fee_id": 0} for line in each.data["lines"]], set(each.data))
        for each in events
    ]
    return [list(fees), list(transfers), told]


def test_it_writes_what_one_command_for_each_loan_writes(library: Library, other_library: Library) -> None:
    together, single = late_loans(library), late_loans(other_library)

    for until in (FIRST, SECOND):
        in_one(library, together, until)
        one_by_one(other_library, single, until)

    assert written(library) == written(other_library)
    assert {each[0] for each in written(library)[2]} == {"fee.assessed", "fee.raised"}
    assert set(Fee.objects.values_list("type__code", flat=True)) == {"OVERDUEFINE", "RECALLEDOVERDUEFINE", "OTHER"}
    assert verify().findings == []


def test_it_counts_what_was_made_and_raised_and_asked_again_does_nothing(library: Library) -> None:
    ids = late_loans(library)

    first, again, later = (in_one(library, ids, until) for until in (FIRST, FIRST, SECOND))

    assert (first["made"], first["raised"]) == (4, 0)
    assert again == {"made": 0, "raised": 0, "total_minor": 0}
    assert (later["made"], later["raised"]) == (0, 3)  # the recalled one has reached the maximum


def test_loans_that_need_nothing_cost_no_lock(library: Library) -> None:
    ids = late_loans(library)
    in_one(library, ids, FIRST)

    with CaptureQueriesContext(connection) as captured:
        in_one(library, ids, FIRST)

    assert not [each["sql"] for each in captured if "FOR UPDATE" in each["sql"] or "patronaccount" in each["sql"]]


def test_more_loans_take_no_more_statements(library: Library) -> None:
    counts = []
    for number in (1, 3, 30):  # the first asks what is remembered for a while: who listens, which letters are on
        ids = [lend(library, due_at=DUE, patron=library.new_patron(f"{number}-{each}")).pk for each in range(number)]
        with CaptureQueriesContext(connection) as captured:
            in_one(library, ids, FIRST)
        counts.append(len(captured))

    assert counts[1] == counts[2]


@pytest.mark.parametrize("change", ["returned", "renewed", "claimed", "recalled", "a spell"])
def test_a_loan_that_somebody_changed_meanwhile_is_left_alone(library: Library, change: str) -> None:
    loan, other = (lend(library, due_at=DUE, patron=library.new_patron(each)) for each in ("a", "b"))
    loans = read([loan.pk, other.pk])
    growth = growth_of(library.institution, loans, FIRST)
    changed = Loan.objects.filter(pk=loan.pk)
    if change == "returned":
        changed.update(returned_at=DUE)
    elif change == "renewed":
        changed.update(due_at=NOON)
    elif change == "claimed":
        changed.update(status=Loan.Status.CLAIMED_RETURN)
    elif change == "recalled":
        changed.update(recalled_at=DUE)
    else:
        LoanSpell.objects.create(
            institution=library.institution, loan=loan, kind=LoanSpell.Kind.LOST, began_at=DUE, ended_at=FIRST
        )

    with transaction.atomic():
        accrue_loans(actor=job(library), at=NOON, loans=loans, growth=growth)

    assert [fee.loan_id for fee in Fee.objects.all()] == [other.pk]


def test_who_may_not_raise_fines_is_refused_and_nothing_is_written(library: Library) -> None:
    loans = read(late_loans(library))
    growth = growth_of(library.institution, loans, FIRST)
    fees, accounts = Fee.objects.count(), PatronAccount.objects.count()

    with pytest.raises(NotAllowed):
        accrue_loans(actor=library.operator, at=NOON, loans=loans, growth=growth)

    assert (Fee.objects.count(), PatronAccount.objects.count()) == (fees, accounts)
