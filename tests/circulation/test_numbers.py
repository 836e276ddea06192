"""The numbers that must come out, each by the commands of a desk (rows A10, A11, B7; ``docs/reference/rules.md``)."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from amerce.charges.models import LOST_PROCESS_TYPE, LOST_REPLACEMENT_TYPE, Fee
from amerce.charges.queries import balances
from amerce.circulation.models import CalendarException, Loan, OpeningHours, TermsOfUse
from amerce.ledger.verify import verify
from tests.charges.acts import Desk
from tests.charges.checks import assert_books_agree
from tests.circulation.desk import LoanDesk
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]

LATER = NOON + timedelta(days=40)


@pytest.fixture
def money(library: Library) -> Desk:
    return Desk(library)


def terms(**columns: Any) -> None:
    """An hour's loan, so that a due moment is as sharp as the numbers."""
    plain = {"loan_length": 1, "loan_unit": "hour", "grace_minutes": 0, "overdue_maximum_minor": 0}
    TermsOfUse.objects.update(**{**plain, **columns})


def fine_minor(desk: LoanDesk, late: timedelta) -> int:
    """What the return of a new loan costs ``late`` after it was due."""
    loan = desk.lend(desk.library.new_item())
    money = desk.take_back(loan, at=loan.due_at + late).money
    assert money is not None
    return money.amount_minor


def test_twenty_five_hours_at_three_dollars_a_day_are_two_days(desk: LoanDesk) -> None:
    terms(overdue_rate_minor=300)

    assert fine_minor(desk, timedelta(hours=25)) == 600


def test_closed_days_are_not_counted_before_the_grace_is_looked_at(desk: LoanDesk) -> None:
    terms(overdue_rate_minor=300, grace_minutes=24 * 60, charges_closed_time=False)
    closed_on = (NOON + timedelta(days=1)).date()
    CalendarException.objects.create(
        institution=desk.library.institution,
        first_on=closed_on,
        last_on=closed_on,
        reason="Snow",
        created_at=NOON,
        created_by="x",
    )

    assert fine_minor(desk, timedelta(minutes=3720)) == 600


@pytest.mark.parametrize(("days", "minor"), [(5, 500), (15, 1000)])
def test_no_fine_is_above_the_maximum(desk: LoanDesk, days: int, minor: int) -> None:
    terms(overdue_rate_minor=100, overdue_maximum_minor=1000)

    assert fine_minor(desk, timedelta(days=days)) == minor


@pytest.mark.parametrize(("grace_minutes", "minor"), [(12, 0), (10, 0), (9, 300), (5, 300)])
def test_ten_minutes_cost_nothing_within_the_grace_and_all_past_it(
    desk: LoanDesk, grace_minutes: int, minor: int
) -> None:
    terms(overdue_rate_minor=300, grace_minutes=grace_minutes)

    assert fine_minor(desk, timedelta(minutes=10)) == minor


def test_the_fine_goes_with_the_loss_and_comes_back_with_the_item(
    desk: LoanDesk, money: Desk, library: Library
) -> None:
    """Overdue 0.70, lost (overdue goes, lost 50.00), 0.10 paid, returned, overdue restored: 0.60."""
    terms(overdue_rate_minor=35, replacement_minor=5000, process_fee_minor=0)
    library.institution.overdue_at_lost_loan = False
    library.institution.save()
    loan = desk.lend(library.new_item())
    lost_at = loan.due_at + timedelta(days=2)
    money.accrue(loan, 70)
    assert desk.balance_minor() == 70

    desk.lose(loan, at=lost_at)
    assert (desk.balance_minor(), desk.fines(loan)) == (5000, {"OVERDUEFINE": 0, LOST_REPLACEMENT_TYPE: 5000})

    money.pay(_fee(loan), amount=10)
    desk.take_back(loan, at=LATER)

    assert (desk.balance_minor(), desk.fines(loan)) == (60, {"OVERDUEFINE": 70, LOST_REPLACEMENT_TYPE: 0})
    _assert_whole(library)


def test_found_with_nothing_paid_the_process_fee_is_what_stays(desk: LoanDesk, library: Library) -> None:
    loan = _lost(desk)
    desk.find(loan, at=LATER)

    assert desk.balance_minor() == 2000
    assert desk.fines(loan) == {LOST_REPLACEMENT_TYPE: 0, LOST_PROCESS_TYPE: 2000}
    _assert_whole(library)


@pytest.mark.parametrize("how", ["find", "take_back"])
def test_what_was_paid_is_given_as_a_credit_and_what_was_waived_is_not(
    desk: LoanDesk, money: Desk, library: Library, how: str
) -> None:
    loan = _lost(desk)
    money.pay(_fee(loan), amount=2700)
    money.waive(_fee(loan), amount=2500)
    assert desk.balance_minor() == 9900 - 2700 - 2500 + 2000

    getattr(desk, how)(loan, at=LATER)

    now = balances(library.manager, library.patron.pk)
    assert (now.active_minor, _open(loan), money.newest_credit().remaining_minor) == (
        -700, {LOST_PROCESS_TYPE: 2000, "CREDIT": -2700}, -2700,
    )  # fmt: skip
    _assert_whole(library)


def test_a_waived_replacement_fee_shows_a_credit_until_the_item_is_found(
    desk: LoanDesk, money: Desk, library: Library
) -> None:
    """Row B7 from the loss to the return."""
    loan = _lost(desk)

    money.waive(_fee(loan))
    credit = money.newest_credit()
    assert (_fee(loan).remaining_minor, _fee(loan).original_minor) == (9900, 9900)
    assert (credit.remaining_minor, credit.bound_to_id) == (-9900, _fee(loan).pk)
    assert desk.balance_minor() == 2000

    desk.find(loan, at=LATER)

    credit.refresh_from_db()
    fee = _fee(loan)
    assert (fee.remaining_minor, fee.status, fee.original_minor) == (0, "CLOSED", 9900)
    assert (credit.remaining_minor, credit.status) == (0, "CLOSED")
    assert Fee.objects.filter(type__code="CREDIT").count() == 1
    assert desk.balance_minor() == 2000

    desk.take_back(loan, at=LATER)
    assert desk.balance_minor() == 2000
    _assert_whole(library)


def test_a_waived_part_that_a_payment_of_all_used_up_is_not_given_out_either(
    desk: LoanDesk, money: Desk, library: Library
) -> None:
    loan = _lost(desk)
    money.waive(_fee(loan), amount=2500)
    money.pay()
    assert desk.balance_minor() == 0

    desk.take_back(loan, at=LATER)

    assert desk.balance_minor() == -(9900 - 2500)
    _assert_whole(library)


def test_a_refund_ratio_gives_that_part_of_what_was_paid_half_up(desk: LoanDesk, money: Desk, library: Library) -> None:
    loan = _lost(desk)
    TermsOfUse.objects.update(refund_ratio_bp=5000)
    money.pay(_fee(loan), amount=2701)

    desk.find(loan, at=LATER)

    assert desk.balance_minor() == 2000 - 1351
    _assert_whole(library)


@pytest.mark.parametrize("how", ["find", "take_back"])
def test_what_is_corrected_after_the_copy_is_back_opens_nothing(
    desk: LoanDesk, money: Desk, library: Library, how: str
) -> None:
    """Of a fee waived in part in dispute, and of one paid where the terms give nothing back."""
    loan = _lost(desk)
    TermsOfUse.objects.update(refund_ratio_bp=0)
    money.pay(_fee(loan), amount=2700)
    money.dispute(_fee(loan))
    money.waive(_fee(loan), amount=2500)
    getattr(desk, how)(loan, at=LATER)

    money.correct(money.last_transfer("WAIVE"))
    money.correct(money.last_transfer("PAYMENT"))

    assert money.three_balances() == (2000, 0, 0)
    assert desk.fines(loan) == {LOST_REPLACEMENT_TYPE: 0, LOST_PROCESS_TYPE: 2000}
    _assert_whole(library)


@pytest.mark.parametrize(("price", "opens"), [(9900, 6000), (7000, 3100)])
def test_lost_again_a_corrected_waiver_opens_up_to_the_price_of_now(
    desk: LoanDesk, money: Desk, library: Library, price: int, opens: int
) -> None:
    loan = _lost(desk)
    money.dispute(_fee(loan))
    money.waive(_fee(loan), amount=6000)
    money.restore(_fee(loan))
    money.pay(_fee(loan))
    TermsOfUse.objects.update(refund_ratio_bp=0)
    desk.find(loan, at=LATER)

    TermsOfUse.objects.update(replacement_minor=price)
    desk.lose(loan, at=LATER)
    money.correct(money.last_transfer("WAIVE"))

    assert _open(loan) == {LOST_REPLACEMENT_TYPE: opens, LOST_PROCESS_TYPE: 2000}
    _assert_whole(library)


def test_a_loss_of_nothing_charges_nothing(desk: LoanDesk, library: Library) -> None:
    terms(replacement_minor=0, process_fee_minor=0)
    loan = desk.lend(library.new_item())

    outcome = desk.lose(loan, at=NOON)

    assert outcome.money is not None
    assert (outcome.money.lines, Fee.objects.count()) == ((), 0)


def test_closed_hours_cost_nothing_where_a_fine_is_by_the_hour(desk: LoanDesk, library: Library) -> None:
    terms(overdue_rate_minor=100, overdue_unit="hour", charges_closed_time=False)
    for weekday in range(7):
        OpeningHours.objects.create(
            institution=library.institution,
            library=library.library,
            valid_from=datetime(2026, 1, 1, tzinfo=UTC).date(),
            weekday=weekday,
            opens=time(9),
            closes=time(17),
        )

    assert fine_minor(desk, timedelta(days=1)) == 800


def _lost(desk: LoanDesk) -> Loan:
    """A loan that was lost at once: replacement 99.00, process fee 20.00, no lateness."""
    terms(overdue_rate_minor=0, replacement_minor=9900, process_fee_minor=2000)
    loan = desk.lend(desk.library.new_item())
    desk.lose(loan, at=NOON)
    return loan


def _fee(loan: Loan, type_code: str = LOST_REPLACEMENT_TYPE) -> Fee:
    return Fee.objects.get(loan=loan, type__code=type_code)


def _open(loan: Loan) -> dict[str, int]:
    fees = Fee.objects.filter(patron_id=loan.patron_id).exclude(remaining_minor=0)
    return dict(fees.values_list("type__code", "remaining_minor"))


def _assert_whole(library: Library) -> None:
    assert_books_agree()
    assert verify(library.institution.pk).findings == []
