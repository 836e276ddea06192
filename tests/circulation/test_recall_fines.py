"""What a recall costs beside what lateness cost before it (rows A12, C5)."""

from datetime import datetime, timedelta

import pytest

from amerce.circulation.models import Loan, TermsOfUse
from tests.circulation.desk import DUE, LoanDesk
from tests.jobs.running import run

pytestmark = [pytest.mark.django_db, pytest.mark.money]


@pytest.fixture
def loan(desk: LoanDesk) -> Loan:
    return desk.lend(desk.library.new_item(), patron=desk.library.new_patron("other"))


def charge_nightly(desk: LoanDesk, at: datetime) -> None:
    assert run(desk.library, "overdue-fines", at=at).state == "done"


def test_the_nightly_run_charges_the_recall_rate_in_place_of_the_other_and_not_beside_it(
    desk: LoanDesk, loan: Loan
) -> None:
    charge_nightly(desk, DUE + timedelta(days=2, hours=-1))
    assert desk.fines(loan) == {"OVERDUEFINE": 50}
    desk.request(loan.item, at=DUE + timedelta(days=2))

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
    desk.request(loan.item, at=due_again)

    desk.take_back(loan, at=due_again + timedelta(days=9))

    assert desk.fines(loan) == {"OVERDUEFINE": 750, "RECALLEDOVERDUEFINE": 250}
