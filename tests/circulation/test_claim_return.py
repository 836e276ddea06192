"""Claimed Return (row A11)."""

from datetime import timedelta

import pytest

from amerce.access.can import NotAllowed
from amerce.circulation.errors import LoanStatusForbids
from amerce.circulation.models import Loan
from amerce.events.models import Event
from tests.charges.checks import nothing_written
from tests.circulation.desk import DUE, LoanDesk
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def status(loan: Loan) -> str:
    return Loan.objects.get(pk=loan.pk).status


def test_it_stays_on_the_record_and_charges_nothing(desk: LoanDesk, loan: Loan) -> None:
    desk.claim(loan, at=DUE + timedelta(days=5))

    assert (status(loan), desk.fines(loan)) == ("CLAIMED_RETURN", {})
    assert Event.objects.get(name="loan.claimed_returned").data == {"loan": loan.pk}


def test_from_that_date_on_nothing_accrues_also_not_after_the_return(desk: LoanDesk, loan: Loan) -> None:
    desk.claim(loan, at=DUE + timedelta(days=4, hours=10))
    desk.take_back(loan, at=DUE + timedelta(days=30))

    assert desk.fines(loan) == {"OVERDUEFINE": 100}
    assert desk.balance_minor() == 100


def test_found_again_the_loan_goes_on_without_the_days_between(desk: LoanDesk, loan: Loan) -> None:
    desk.claim(loan, at=DUE + timedelta(days=4, hours=10))
    desk.find(loan, at=DUE + timedelta(days=9, hours=10))
    assert (status(loan), desk.fines(loan)) == ("NORMAL", {})

    desk.take_back(loan, at=DUE + timedelta(days=11))

    assert desk.fines(loan) == {"OVERDUEFINE": 125}


def test_what_was_claimed_may_be_lost_and_the_claimed_days_stay_free(desk: LoanDesk, loan: Loan) -> None:
    desk.claim(loan, at=DUE + timedelta(days=4, hours=10))
    desk.lose(loan, at=DUE + timedelta(days=9, hours=10))
    assert status(loan) == "LOST"

    desk.take_back(loan, at=DUE + timedelta(days=20))

    assert desk.fines(loan) == {"LOSTITEMREPLACEMENTFEE": 0, "LOSTITEMPROCESSFEE": 1500, "OVERDUEFINE": 100}


def test_a_renewed_loan_is_a_renewed_one_again(desk: LoanDesk, loan: Loan) -> None:
    desk.renew(loan, at=NOON)
    desk.claim(loan, at=NOON)
    desk.find(loan, at=NOON)

    assert status(loan) == "RENEW"


@pytest.mark.parametrize("again", ["claim", "renew"])
def test_what_is_claimed_is_neither_claimed_again_nor_renewed(desk: LoanDesk, loan: Loan, again: str) -> None:
    desk.claim(loan, at=NOON)

    with pytest.raises(LoanStatusForbids), nothing_written():
        getattr(desk, again)(loan, at=NOON)


def test_what_was_never_claimed_is_not_found(desk: LoanDesk, loan: Loan) -> None:
    with pytest.raises(LoanStatusForbids), nothing_written():
        desk.find(loan, at=NOON)


def test_it_takes_the_privilege(desk: LoanDesk, loan: Loan) -> None:
    with pytest.raises(NotAllowed), nothing_written():
        desk.claim(loan, at=NOON, actor=desk.library.staff("auditor"))
