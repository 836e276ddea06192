"""The job that makes long overdue loans lost (row C5)."""

from datetime import UTC, datetime, timedelta

import pytest

from amerce.circulation.lost_loans import LOST_LOANS
from amerce.circulation.models import Loan, LoanSpell, TermsOfUse
from amerce.events.models import Event
from amerce.jobs.models import JobRun
from tests.circulation.desk import LoanDesk
from tests.circulation.lending import lend
from tests.jobs.running import run
from tests.world import Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]

NAME = "lost-loans"
DUE = datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC)


@pytest.fixture
def loan(library: Library) -> Loan:
    TermsOfUse.objects.update(days_to_lost=20)
    return lend(library, due_at=DUE)


def summary(ended: JobRun) -> str:
    return LOST_LOANS.summary(ended)


def on(library: Library, day: int) -> JobRun:
    """A run for so many days after the due day."""
    return run(library, NAME, as_of=(DUE + timedelta(days=day)).date().isoformat())


def test_it_becomes_lost_on_the_day_that_the_terms_say_and_once(library: Library, loan: Loan) -> None:
    lines = [summary(on(library, day)) for day in (19, 20, 21)]

    assert lines == ["looked_at=1 lost=0", "looked_at=1 lost=1", "looked_at=0 lost=0"]
    assert (Loan.objects.get().status, LoanSpell.objects.get().kind) == ("LOST", "lost")
    assert LoanDesk(library).fines(loan) == {"LOSTITEMREPLACEMENTFEE": 5000, "LOSTITEMPROCESSFEE": 1500}
    assert Event.objects.get(name="loan.lost").actor_name == "job lost-loans"


def test_without_such_a_day_nothing_is_ever_lost(library: Library, loan: Loan) -> None:
    TermsOfUse.objects.update(days_to_lost=None)

    assert summary(on(library, 28)) == "looked_at=1 lost=0"


def test_what_is_claimed_returned_stays_claimed(library: Library, loan: Loan) -> None:
    LoanDesk(library).claim(loan, at=DUE)

    assert summary(on(library, 28)) == "looked_at=0 lost=0"
    assert Loan.objects.get().status == "CLAIMED_RETURN"


def test_more_loans_than_a_slice_are_each_lost_once(library: Library, loan: Loan) -> None:
    for number in range(34):
        lend(library, due_at=DUE, patron=library.new_patron(f"P{number}"))

    assert summary(on(library, 20)) == "looked_at=35 lost=35"
    assert Loan.objects.filter(status="LOST").count() == LoanSpell.objects.count() == 35


def test_loans_of_another_institution_are_not_looked_at(library: Library, loan: Loan, other_library: Library) -> None:
    assert summary(on(other_library, 28)) == "looked_at=0 lost=0"
