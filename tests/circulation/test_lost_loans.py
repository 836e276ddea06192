"""The job that makes long overdue loans lost (row C5)."""

from datetime import UTC, datetime, timedelta

import pytest

from amerce.access.actors import system_actor
from amerce.access.can import NotAllowed
from amerce.access.privileges import Privilege
from amerce.charges.models import FeeType
from amerce.circulation import late_loans, lost_loans
from amerce.circulation.lost_loans import LOST_LOANS, SLICE_LOANS
from amerce.circulation.models import Loan, LoanSpell, TermsOfUse
from amerce.circulation.terms import terms_table
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


@pytest.mark.parametrize("change", ["claim", "renew", "take_back", "lose"])
def test_what_somebody_changed_since_it_was_read_is_left_alone(library: Library, loan: Loan, change: str) -> None:
    queued = queue(library, NAME, as_of="2026-02-20")
    read = late_loans.unseen(queued).get()
    getattr(LoanDesk(library), change)(loan, at=NOON)
    job = system_actor(library.institution.pk, "job", Privilege.LOAN_MARK)

    with nothing_written():
        assert not lost_loans._lose(queued, job, NOON, terms_table(library.institution.pk), read)


def test_a_run_cut_off_goes_on_and_loses_none_twice(library: Library, loan: Loan) -> None:
    for _each in range(SLICE_LOANS):
        lend(library, due_at=DUE)
    queue(library, NAME)
    first = claim(worker="one", now=NOON)
    assert first is not None
    after_a_slice = run_slice(first, worker="one", clock=lambda: NOON)
    later = NOON + 2 * LEASE
    second = claim(worker="two", now=later)
    assert second is not None

    ended = run_to_end(second, worker="two", clock=lambda: later)

    assert (after_a_slice.counts["lost"], summary(ended)) == (SLICE_LOANS, "looked_at=31 lost=31")
    assert LoanDesk(library).balance_minor() == 31 * 6500
    assert_books_agree()


def test_with_the_lost_types_disabled_a_loss_costs_the_same(library: Library, loan: Loan) -> None:
    FeeType.objects.filter(code__startswith="LOSTITEM").update(is_enabled=False)

    on(library, 20)

    assert Loan.objects.get().status == "LOST"
    assert LoanDesk(library).balance_minor() == 6500


def test_a_loan_without_terms_is_left_as_it_is(library: Library, loan: Loan) -> None:
    TermsOfUse.objects.all().delete()

    assert summary(on(library, 28)) == "looked_at=1 lost=0"


def test_who_may_not_mark_loses_nothing(library: Library, loan: Loan) -> None:
    queued = queue(library, NAME, as_of="2026-02-20")
    nobody = system_actor(library.institution.pk, "nobody", Privilege.FEE_ACCRUE)

    with nothing_written(), pytest.raises(NotAllowed):
        LOST_LOANS.slice(queued, nobody, NOON)
