"""A lost copy that is lent again was found (row A11)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from amerce.access.can import NotAllowed
from amerce.circulation.find_lent_copy import find_lent_copy
from amerce.circulation.models import Loan, TermsOfUse
from amerce.events.deliver import deliver_next
from amerce.events.models import EventDelivery
from tests.charges.acts import Desk
from tests.charges.checks import assert_books_agree, nothing_written
from tests.circulation.desk import LoanDesk
from tests.flows.test_at_once import at_once
from tests.world import NOON, Library

pytestmark = pytest.mark.money
LATER = NOON + timedelta(days=3)


@pytest.fixture
def desk(flushable: None, library: Library) -> Iterator[LoanDesk]:
    """Commits for real, so that what follows from an event follows."""
    TermsOfUse.objects.update(replacement_minor=9900, process_fee_minor=2000)
    yield LoanDesk(library)
    assert_books_agree()


@pytest.fixture
def closed(desk: LoanDesk) -> Loan:
    """A lost loan whose 99.00 and 20.00 were paid, so that it left the list."""
    loan = desk.lend(desk.library.new_item())
    desk.lose(loan, at=NOON, actor=desk.library.manager)
    Desk(desk.library).pay()
    loan.refresh_from_db()
    assert loan.closed_at is not None
    return loan


def test_its_loser_gets_back_the_replacement_fee_and_the_later_loan_is_untouched(desk: LoanDesk, closed: Loan) -> None:
    other = desk.library.new_patron("other")

    later = desk.lend(closed.item, at=LATER, patron=other)

    closed.refresh_from_db()
    assert (closed.returned_at, closed.status) == (LATER, "NORMAL")
    assert (desk.balance_minor(), desk.balance_minor(other)) == (-9900, 0)
    assert Loan.objects.values_list("returned_at", "closed_at").get(pk=later.pk) == (None, None)


def test_it_is_found_once(desk: LoanDesk, closed: Loan) -> None:
    later = desk.lend(closed.item, at=LATER, patron=desk.library.new_patron("other"))
    EventDelivery.objects.update(done_at=None, next_at=LATER)
    assert deliver_next(now=LATER)
    desk.take_back(later, at=LATER)
    desk.lend(closed.item, at=LATER, patron=desk.library.new_patron("third"))

    assert desk.balance_minor() == -9900


def test_lent_and_brought_back_while_the_loser_pays_nobody_waits_for_ever(desk: LoanDesk, closed: Loan) -> None:
    other, more = desk.library.new_patron("other"), desk.library.charge(500)
    second = desk.lend(desk.library.new_item(), patron=other)

    answers = at_once(
        lambda: desk.lend(closed.item, at=LATER, patron=other),
        lambda: Desk(desk.library, at=LATER).pay(more),
        lambda: desk.take_back(second, at=LATER),
    )
    while deliver_next(now=LATER + timedelta(days=1)):
        pass

    assert [each for each in answers if isinstance(each, Exception)] == []
    assert desk.balance_minor() == -9900


def test_the_loser_may_be_who_borrows_it(desk: LoanDesk, closed: Loan) -> None:
    desk.lend(closed.item, at=LATER)

    assert desk.balance_minor() == -9900


def test_it_takes_a_privilege(desk: LoanDesk, closed: Loan) -> None:
    with pytest.raises(NotAllowed), nothing_written():
        find_lent_copy(actor=desk.library.staff("auditor"), at=LATER, loan_id=closed.pk, found_at=LATER)
