"""The job that sends overdue notices (row C5): the first after 3 days, the second after 10 with a fee of 2.00."""

from datetime import UTC, datetime, timedelta

import pytest

from amerce.circulation.models import Loan, OverdueNotice, TermsOfUse
from amerce.circulation.overdue_notices import OVERDUE_NOTICES
from amerce.events.models import Event
from amerce.jobs.models import JobRun
from tests.circulation.desk import LoanDesk
from tests.circulation.lending import lend
from tests.jobs.running import run
from tests.world import Library

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
