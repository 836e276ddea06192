"""Bringing the fines of a loan to what was reckoned, on books that are open."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from amerce.charges.models import Fee
from amerce.charges.request import Request
from amerce.circulation.locked import lock_loans
from amerce.circulation.models import Loan, TermsOfUse
from amerce.circulation.overdue_charges import charge_lateness
from amerce.circulation.reckoning import reckon
from amerce.ledger.models import Transfer
from tests.charges.acts import Desk
from tests.charges.checks import assert_books_agree
from tests.circulation.desk import LoanDesk
from tests.world import Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]

DUE = datetime(2026, 3, 30, 23, 59, 59, tzinfo=UTC)


@pytest.fixture
def desk(library: Library) -> LoanDesk:
    return LoanDesk(library)


@pytest.fixture
def loan(desk: LoanDesk) -> Loan:
    return desk.lend(desk.library.new_item())


def bring(desk: LoanDesk, loan: Loan, days: int) -> None:
    until = DUE + timedelta(days=days)
    with transaction.atomic():
        locked = lock_loans(desk.library.operator, until, loan.borrower_id, [loan.pk])
        reckoning = reckon(locked.books.institution, [loan])
        charge_lateness(locked.books, reckoning, loan, until=until, action="Counted")
        locked.books.close(Request(verb="test", inputs={}), "loan.tested")
    assert_books_agree()


def test_it_raises_lowers_and_asked_again_moves_nothing(desk: LoanDesk, loan: Loan) -> None:
    for days, minor, transfers in ((4, 100, 1), (4, 100, 1), (10, 250, 2), (6, 150, 3), (6, 150, 3)):
        bring(desk, loan, days)
        assert (desk.fines(loan), Transfer.objects.count()) == ({"OVERDUEFINE": minor}, transfers)


def test_a_loan_in_time_writes_nothing(desk: LoanDesk, loan: Loan) -> None:
    bring(desk, loan, -1)

    assert (Fee.objects.count(), Transfer.objects.count()) == (0, 0)


def test_a_fine_in_dispute_waits_and_grows_by_the_days_outside_the_dispute(desk: LoanDesk, loan: Loan) -> None:
    bring(desk, loan, 4)
    fee = Fee.objects.get()
    Desk(desk.library, at=DUE + timedelta(days=4)).dispute(fee)
    bring(desk, loan, 10)
    assert desk.fines(loan) == {"OVERDUEFINE": 100}

    Desk(desk.library, at=DUE + timedelta(days=10)).restore(fee)
    bring(desk, loan, 12)

    assert desk.fines(loan) == {"OVERDUEFINE": 150}


def test_a_fine_in_dispute_is_lowered_where_it_stands(desk: LoanDesk, loan: Loan) -> None:
    bring(desk, loan, 10)
    fee = Fee.objects.get()
    Desk(desk.library, at=DUE + timedelta(days=10)).dispute(fee)
    TermsOfUse.objects.update(overdue_rate_minor=10)

    bring(desk, loan, 10)

    assert Desk(desk.library).three_balances() == (0, 100, 0)


def test_the_comment_says_why_and_the_last_one_is_on_the_transfer(desk: LoanDesk, loan: Loan) -> None:
    bring(desk, loan, 4)

    assert Transfer.objects.get().note.text == (
        "Date generated: 04/03/2026, Due: 03/30/2026, Fine Policy/ies: Standard loan: $0.25 per day, Action: Counted"
    )
