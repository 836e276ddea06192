"""The recall that follows from a request for an item that is out (row A12)."""

from datetime import UTC, datetime, timedelta

import pytest

from amerce.circulation.models import Item, Loan, TermsOfUse
from amerce.events.models import Event
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
