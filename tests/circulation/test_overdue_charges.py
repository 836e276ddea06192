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
    assert desk.fines(loan) == {"OVERDUEFINE": 75}  # the day of the dispute is never charged

    Desk(desk.library, at=DUE + timedelta(days=10)).restore(fee)
    bring(desk, loan, 12)

    assert desk.fines(loan) == {"OVERDUEFINE": 150}


def test_of_a_copy_that_came_back_in_dispute_the_restore_charges_the_days_before_the_dispute(
    desk: LoanDesk, loan: Loan
) -> None:
    # given a fine of three days, charged at the renewal
    desk.renew(loan, at=DUE + timedelta(days=3))
    fee, renewed = Fee.objects.get(), Loan.objects.get(pk=loan.pk)
    assert desk.fines(loan) == {"OVERDUEFINE": 75}

    # when it is disputed on the fifth day of the next lateness, and the copy comes back on the ninth
    Desk(desk.library, at=renewed.due_at + timedelta(days=5)).dispute(fee)
    desk.take_back(loan, at=renewed.due_at + timedelta(days=9))
    assert (desk.fines(loan), Desk(desk.library).three_balances()) == ({"OVERDUEFINE": 75}, (0, 75, 0))

    # then four days more are owed as soon as the dispute is over, by the terms of the return
    TermsOfUse.objects.update(overdue_rate_minor=1000)
    Desk(desk.library, at=renewed.due_at + timedelta(days=20)).restore(fee)
    assert desk.fines(loan) == {"OVERDUEFINE": 175}
    assert Desk(desk.library).three_balances() == (175, 0, 0)


def test_days_of_a_dispute_that_lasts_are_charged_by_no_fine_of_the_loan(desk: LoanDesk, loan: Loan) -> None:
    bring(desk, loan, 4)
    Desk(desk.library, at=DUE + timedelta(days=4)).dispute(Fee.objects.get())
    desk.take_back(loan, at=DUE + timedelta(days=30))
    Desk(desk.library, at=DUE + timedelta(days=40)).restore(Fee.objects.get())

    assert desk.fines(loan) == {"OVERDUEFINE": 75}


def test_a_fine_in_dispute_is_lowered_where_it_stands(desk: LoanDesk, loan: Loan) -> None:
    bring(desk, loan, 10)
    fee = Fee.objects.get()
    Desk(desk.library, at=DUE + timedelta(days=10)).dispute(fee)
    TermsOfUse.objects.update(overdue_rate_minor=10)

    bring(desk, loan, 10)

    assert Desk(desk.library).three_balances() == (0, 90, 0)


def test_the_comment_says_why_and_the_last_one_is_on_the_transfer(desk: LoanDesk, loan: Loan) -> None:
    bring(desk, loan, 4)

    assert Transfer.objects.get().note.text == (
        "Date generated: 04/03/2026, Due: 03/30/2026, Fine Policy/ies: Standard loan: $0.25 per day, Action: Counted"
    )
