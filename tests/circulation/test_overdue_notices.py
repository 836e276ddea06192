"""The job that sends overdue notices (row C5): the first after 3 days, the second after 10 with a fee of 2.00."""

from datetime import UTC, datetime, timedelta

import pytest

from amerce.access.actors import system_actor
from amerce.access.can import NotAllowed
from amerce.access.privileges import Privilege
from amerce.charges.dispute import dispute
from amerce.charges.models import Fee, FeeType
from amerce.charges.pay import pay
from amerce.circulation import late_loans, overdue_notices
from amerce.circulation.models import Loan, OverdueNotice, TermsOfUse
from amerce.circulation.overdue_notices import OVERDUE_NOTICES, SLICE_LOANS, notices_of
from amerce.events.models import Event
from amerce.jobs.claim import LEASE, claim
from amerce.jobs.models import JobRun
from amerce.jobs.runner import run_slice, run_to_end
from tests.charges.checks import assert_books_agree, nothing_written
from tests.circulation.desk import LoanDesk
from tests.circulation.lending import lend
from tests.jobs.running import queue, run
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]

NAME = "overdue-notices"
DUE = datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC)


@pytest.fixture
def loan(library: Library) -> Loan:
    terms = TermsOfUse.objects.get(institution=library.institution)
    for number, after_days, fee_minor in ((1, 3, 0), (2, 10, 200), (3, 20, 500)):
        OverdueNotice.objects.create(
            institution=library.institution, terms=terms, number=number, after_days=after_days, fee_minor=fee_minor
        )
    return lend(library, due_at=DUE)


def summary(ended: JobRun) -> str:
    return OVERDUE_NOTICES.summary(ended)


def on(library: Library, day: int) -> JobRun:
    """A run for so many days after the due day."""
    return run(library, NAME, as_of=(DUE + timedelta(days=day)).date().isoformat())


def noticed() -> list[int]:
    return [each.data["number"] for each in Event.objects.filter(name="loan.overdue_noticed").order_by("pk")]


def test_each_notice_goes_out_on_its_day_and_once(library: Library, loan: Loan) -> None:
    lines = [summary(on(library, day)) for day in (2, 3, 3, 9, 10, 10)]

    assert lines == [
        "looked_at=1 noticed=0 total=0.00",
        "looked_at=1 noticed=1 total=0.00",
        "looked_at=1 noticed=0 total=0.00",
        "looked_at=1 noticed=0 total=0.00",
        "looked_at=1 noticed=1 total=2.00",
        "looked_at=1 noticed=0 total=0.00",
    ]
    assert noticed() == [1, 2]
    assert LoanDesk(library).fines(loan) == {"OVERDUENOTIFICATIONFINE": 200}


def test_the_fees_of_a_loan_are_one_fee(library: Library, loan: Loan) -> None:
    on(library, 10)
    on(library, 20)

    assert LoanDesk(library).fines(loan) == {"OVERDUENOTIFICATIONFINE": 700}


def test_after_days_without_a_run_only_the_latest_goes_out(library: Library, loan: Loan) -> None:
    on(library, 25)

    assert (noticed(), Loan.objects.get().notices_sent) == ([3], 3)
    assert LoanDesk(library).fines(loan) == {"OVERDUENOTIFICATIONFINE": 500}


def test_after_a_renewal_they_begin_anew(library: Library, loan: Loan) -> None:
    on(library, 3)
    LoanDesk(library).renew(loan, at=DUE + timedelta(days=4))
    renewed_due = Loan.objects.get().due_at
    Loan.objects.update(due_at=DUE)
    on(library, 4)

    assert (noticed(), renewed_due > DUE) == ([1, 1], True)


@pytest.mark.parametrize("mark", ["claim", "lose"])
def test_what_is_claimed_returned_or_lost_gets_none(library: Library, loan: Loan, mark: str) -> None:
    getattr(LoanDesk(library), mark)(loan, at=DUE)

    assert summary(on(library, 25)) == "looked_at=0 noticed=0 total=0.00"


def test_a_loan_without_notices_in_its_terms_gets_none(library: Library, loan: Loan) -> None:
    OverdueNotice.objects.all().delete()

    assert summary(on(library, 25)) == "looked_at=1 noticed=0 total=0.00"


def test_more_loans_than_a_slice_are_each_noticed_once(library: Library, loan: Loan) -> None:
    for _each in range(64):
        lend(library, due_at=DUE)

    assert summary(on(library, 10)) == "looked_at=65 noticed=65 total=130.00"
    assert summary(on(library, 10)) == "looked_at=65 noticed=0 total=0.00"


def test_loans_of_another_institution_are_not_looked_at(library: Library, loan: Loan, other_library: Library) -> None:
    assert summary(on(other_library, 25)) == "looked_at=0 noticed=0 total=0.00"


def test_the_fee_says_for_which_notice_and_the_event_what_was_charged(library: Library, loan: Loan) -> None:
    on(library, 10)

    fee = Fee.objects.select_related("note").get()
    assert (fee.loan_id, fee.item_id, fee.owner_id) == (loan.pk, loan.item_id, library.library.pk)
    assert fee.note is not None and fee.note.text == "Overdue notice 2"
    data = Event.objects.get(name="loan.overdue_noticed").data
    assert (data["loan"], data["number"], data["charged"]) == (loan.pk, 2, 200)
    assert [line["fee_id"] for line in data["lines"]] == [fee.pk]


def test_a_fee_that_was_paid_opens_again_with_the_next(library: Library, loan: Loan) -> None:
    on(library, 10)
    pay(actor=library.operator, at=NOON, patron_id=library.patron.pk, fee_ids=None, amount_minor=200, method="CASH")

    on(library, 20)

    fee = Fee.objects.get()
    assert (fee.original_minor, fee.paid_minor, fee.remaining_minor, fee.status) == (700, 200, 500, "ACTIVE")
    assert_books_agree()


def test_while_the_fee_is_in_dispute_a_notice_goes_out_and_costs_nothing(library: Library, loan: Loan) -> None:
    on(library, 10)
    dispute(actor=library.operator, at=NOON, patron_id=library.patron.pk, fee_ids=[Fee.objects.get().pk])

    assert summary(on(library, 20)) == "looked_at=1 noticed=1 total=0.00"
    assert (noticed(), Fee.objects.get().original_minor) == ([2, 3], 200)


@pytest.mark.parametrize("change", ["claim", "renew", "take_back", "lose"])
def test_what_somebody_changed_since_it_was_read_is_left_alone(library: Library, loan: Loan, change: str) -> None:
    queued = queue(library, NAME, as_of="2026-02-20")
    read = late_loans.unseen(queued).get()
    getattr(LoanDesk(library), change)(loan, at=NOON)
    job = system_actor(library.institution.pk, "job", Privilege.FEE_ACCRUE)
    notices = notices_of(library.institution)

    with nothing_written():
        assert overdue_notices._notice(job, NOON, read, notices, late_loans.as_of(queued)) is None


def test_a_run_cut_off_goes_on_and_notices_none_twice(library: Library, loan: Loan) -> None:
    for _each in range(SLICE_LOANS):
        lend(library, due_at=DUE)
    queue(library, NAME, as_of="2026-02-10")
    first = claim(worker="one", now=NOON)
    assert first is not None
    after_a_slice = run_slice(first, worker="one", clock=lambda: NOON)
    later = NOON + 2 * LEASE
    second = claim(worker="two", now=later)
    assert second is not None

    ended = run_to_end(second, worker="two", clock=lambda: later)

    assert (after_a_slice.counts["noticed"], summary(ended)) == (60, "looked_at=61 noticed=61 total=122.00")
    assert len(noticed()) == 61
    assert_books_agree()


def test_with_the_fee_type_disabled_a_notice_goes_out_and_costs_the_same(library: Library, loan: Loan) -> None:
    FeeType.objects.filter(code="OVERDUENOTIFICATIONFINE").update(is_enabled=False)

    ended = on(library, 10)

    assert summary(ended) == "looked_at=1 noticed=1 total=2.00"
    assert Fee.objects.get().type.code == "OVERDUENOTIFICATIONFINE"


def test_days_are_those_of_the_institutions_zone() -> None:
    library = Library.new("WEST", time_zone="America/Los_Angeles")
    terms = TermsOfUse.objects.get(institution=library.institution)
    OverdueNotice.objects.create(institution=library.institution, terms=terms, number=1, after_days=3)
    lend(library, due_at=datetime(2026, 2, 1, 7, 59, 59, tzinfo=UTC))  # the end of 31 January there

    assert summary(run(library, NAME, as_of="2026-02-02")) == "looked_at=1 noticed=0 total=0.00"
    assert summary(run(library, NAME, as_of="2026-02-03")) == "looked_at=1 noticed=1 total=0.00"


def test_a_loan_without_terms_is_left_as_it_is(library: Library, loan: Loan) -> None:
    TermsOfUse.objects.all().delete()

    assert summary(on(library, 28)) == "looked_at=1 noticed=0 total=0.00"


def test_who_may_not_accrue_notices_nothing(library: Library, loan: Loan) -> None:
    queued = queue(library, NAME, as_of="2026-02-20")
    nobody = system_actor(library.institution.pk, "nobody", Privilege.LOAN_MARK)

    with nothing_written(), pytest.raises(NotAllowed):
        OVERDUE_NOTICES.slice(queued, nobody, NOON)
