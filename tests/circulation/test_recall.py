"""The recall that follows from a request for an item that is out (row A12)."""

from datetime import UTC, datetime, timedelta

import pytest

from amerce.charges.models import Fee
from amerce.circulation.cancel_request import cancel_request
from amerce.circulation.models import Item, Loan, Request, TermsOfUse
from amerce.events.models import Event
from tests.charges.acts import Desk
from tests.circulation.desk import LoanDesk
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


@pytest.fixture
def item(library: Library) -> Item:
    return library.new_item()


def test_a_copy_that_is_out_is_recalled(desk: LoanDesk, library: Library, item: Item) -> None:
    loan = desk.lend(item, patron=library.new_patron("other"))
    desk.request(item)

    recalled = Loan.objects.get(pk=loan.pk)
    assert (recalled.status, recalled.recalled_at) == ("RECALL", NOON)
    assert recalled.due_at == datetime(2026, 3, 9, 23, 59, 59, tzinfo=UTC)
    assert Event.objects.get(name="loan.recalled").patron_id == loan.patron_id


def test_a_recall_makes_no_loan_longer(desk: LoanDesk, library: Library, item: Item) -> None:
    loan = desk.lend(item, patron=library.new_patron("other"), at=NOON - timedelta(days=25))
    desk.request(item)

    assert Loan.objects.get().due_at == loan.due_at


def test_terms_without_a_recall_leave_the_loan_alone(desk: LoanDesk, library: Library, item: Item) -> None:
    TermsOfUse.objects.update(recall_length=0)
    loan = desk.lend(item, patron=library.new_patron("other"))
    desk.request(item)

    assert Loan.objects.values_list("status", "due_at").get() == ("NORMAL", loan.due_at)


def test_what_was_recalled_costs_the_recall_rate_in_place_of_the_other(
    desk: LoanDesk, library: Library, item: Item
) -> None:
    loan = desk.lend(item, patron=library.new_patron("other"))
    desk.request(item)
    desk.take_back(loan, at=datetime(2026, 3, 12, 23, 59, 59, tzinfo=UTC))

    assert desk.fines(loan) == {"RECALLEDOVERDUEFINE": 300}


def give_up(library: Library, request: Request, *, at: datetime = NOON) -> None:
    cancel_request(actor=library.operator, at=at, patron_id=request.patron_id, request_id=request.pk)


def test_once_nobody_waits_any_more_the_loan_is_due_when_it_was(desk: LoanDesk, library: Library, item: Item) -> None:
    loan = desk.lend(item, patron=library.new_patron("other"))
    give_up(library, desk.request(item))

    now = Loan.objects.get(pk=loan.pk)
    assert (now.status, now.due_at, now.recalled_at, now.due_before_recall_at) == ("NORMAL", loan.due_at, None, None)
    event = Event.objects.get(name="loan.recall_cancelled")
    assert (event.patron_id, event.data["due_at"]) == (loan.patron_id, loan.due_at.isoformat())


def test_as_long_as_somebody_else_waits_it_stays_recalled(desk: LoanDesk, library: Library, item: Item) -> None:
    loan = desk.lend(item, patron=library.new_patron("other"))
    first, second = desk.request(item), desk.request(item, patron=library.new_patron("third"))
    give_up(library, first)
    recalled = Loan.objects.get(pk=loan.pk)
    assert (recalled.status, recalled.due_at) == ("RECALL", datetime(2026, 3, 9, 23, 59, 59, tzinfo=UTC))

    give_up(library, second)
    assert Loan.objects.get(pk=loan.pk).due_at == loan.due_at


def test_days_of_a_recall_that_was_taken_back_cost_nothing(desk: LoanDesk, library: Library, item: Item) -> None:
    loan = desk.lend(item, patron=library.new_patron("other"))
    give_up(library, desk.request(item), at=NOON + timedelta(days=20))
    desk.take_back(loan, at=NOON + timedelta(days=21))

    assert desk.fines(loan) == {}


def test_a_recall_fine_that_was_charged_goes_away_with_the_recall(desk: LoanDesk, library: Library, item: Item) -> None:
    loan = desk.lend(item, patron=library.new_patron("other"))
    request = desk.request(item)
    money = Desk(library)
    money.patron = loan.patron
    money.accrue(loan, 700, "RECALLEDOVERDUEFINE")
    money.pay(Fee.objects.get(), amount=200)
    give_up(library, request, at=NOON + timedelta(days=20))

    assert desk.fines(loan) == {"RECALLEDOVERDUEFINE": 0}
    assert desk.balance_minor(loan.patron) == -200


def test_past_its_earlier_due_day_the_loan_is_late_since_then_at_the_overdue_rate(
    desk: LoanDesk, library: Library, item: Item
) -> None:
    loan = desk.lend(item, patron=library.new_patron("other"))
    request = desk.request(item)
    give_up(library, request, at=loan.due_at + timedelta(days=1))
    desk.take_back(loan, at=loan.due_at + timedelta(days=3))

    assert desk.fines(loan) == {"OVERDUEFINE": 75}


def test_what_was_lost_stays_lost_when_its_recall_is_taken_back(desk: LoanDesk, library: Library, item: Item) -> None:
    loan = desk.lend(item, patron=library.new_patron("other"))
    request = desk.request(item)
    desk.lose(loan, at=NOON, actor=library.manager)
    give_up(library, request)

    now = Loan.objects.get(pk=loan.pk)
    assert (now.status, now.due_at, now.recalled_at) == ("LOST", loan.due_at, None)


def test_a_loan_in_time_that_was_never_recalled_is_left_alone(desk: LoanDesk, library: Library, item: Item) -> None:
    TermsOfUse.objects.update(recall_length=0)
    desk.lend(item, patron=library.new_patron("other"))
    give_up(library, desk.request(item))

    assert not Event.objects.filter(name="loan.recall_cancelled").exists()
