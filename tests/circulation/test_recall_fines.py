"""What a recall costs beside what lateness cost before it (rows A12, C5)."""

from datetime import UTC, datetime, timedelta

import pytest

from amerce.circulation.models import Loan, TermsOfUse
from amerce.circulation.place_request import place_request
from tests.circulation.desk import LoanDesk
from tests.jobs.running import run
from tests.world import Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]

DUE = datetime(2026, 3, 30, 23, 59, 59, tzinfo=UTC)


@pytest.fixture
def desk(library: Library) -> LoanDesk:
    return LoanDesk(library)


@pytest.fixture
def loan(desk: LoanDesk) -> Loan:
    return desk.lend(desk.library.new_item(), patron=desk.library.new_patron("other"))


def recall(desk: LoanDesk, loan: Loan, at: datetime) -> None:
    place_request(
        actor=desk.library.operator,
        at=at,
        patron_id=desk.library.patron.pk,
        barcode=loan.item.barcode,
        pickup_library_id=desk.library.library.pk,
    )


def charge_nightly(desk: LoanDesk, at: datetime) -> None:
    assert run(desk.library, "overdue-fines", at=at).state == "done"


def test_the_nightly_run_charges_the_recall_rate_in_place_of_the_other_and_not_beside_it(
    desk: LoanDesk, loan: Loan
) -> None:
    charge_nightly(desk, DUE + timedelta(days=2, hours=-1))
    assert desk.fines(loan) == {"OVERDUEFINE": 50}
    recall(desk, loan, DUE + timedelta(days=2))

    charge_nightly(desk, DUE + timedelta(days=4, hours=-1))
    assert desk.fines(loan) == {"OVERDUEFINE": 0, "RECALLEDOVERDUEFINE": 400}
    charge_nightly(desk, DUE + timedelta(days=4, hours=-1))
    assert desk.fines(loan) == {"OVERDUEFINE": 0, "RECALLEDOVERDUEFINE": 400}

    desk.take_back(loan, at=DUE + timedelta(days=4, hours=-1))
    assert desk.fines(loan) == {"OVERDUEFINE": 0, "RECALLEDOVERDUEFINE": 400}


def test_a_loan_costs_no_more_than_the_maximum_at_both_rates_together(desk: LoanDesk, loan: Loan) -> None:
    TermsOfUse.objects.update(overdue_maximum_minor=1000)
    desk.renew(loan, at=DUE + timedelta(days=30))
    assert desk.fines(loan) == {"OVERDUEFINE": 750}
    due_again = Loan.objects.get(pk=loan.pk).due_at
    recall(desk, loan, due_again)

    desk.take_back(loan, at=due_again + timedelta(days=9))

    assert desk.fines(loan) == {"OVERDUEFINE": 750, "RECALLEDOVERDUEFINE": 250}
