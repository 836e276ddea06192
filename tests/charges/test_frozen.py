from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from amerce.charges.frozen import frozen_days
from amerce.charges.models import Fee
from amerce.circulation.models import Loan
from tests.charges.acts import Desk
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def day(number: int) -> datetime:
    """Noon, ``number`` days after the first; the fine is disputed on day 0 in each test."""
    return NOON + timedelta(days=number)


def days(*numbers: int) -> set[date]:
    return {day(number).date() for number in numbers}


@pytest.fixture
def loan(desk: Desk) -> Loan:
    return desk.new_loan()


@pytest.fixture
def fine(desk: Desk, loan: Loan) -> Fee:
    desk.accrue(loan, 1000)
    return Fee.objects.get(loan=loan)


def frozen(desk: Desk, loan: Loan, zone: tzinfo = UTC) -> set[date]:
    """The days of disputes that ended."""
    spans = frozen_days(desk.library.institution.pk, [loan.pk], ["OVERDUEFINE"], zone)
    ended = [(first, end) for each in spans.values() for first, end in each if end]
    return {first + timedelta(days=number) for first, end in ended for number in range((end - first).days)}


def test_a_restored_fee_was_frozen_from_the_day_of_the_dispute_to_the_one_before_the_restore(
    desk: Desk, loan: Loan, fine: Fee
) -> None:
    desk.dispute(fine, at=day(0))
    desk.restore(fine, at=day(3))

    assert frozen(desk, loan) == days(0, 1, 2)


def test_a_waiver_of_all_that_remains_ends_the_dispute(desk: Desk, loan: Loan, fine: Fee) -> None:
    desk.dispute(fine, at=day(0))
    desk.waive(fine, at=day(2))

    assert frozen(desk, loan) == days(0, 1)


def test_a_reduction_in_dispute_ends_it_just_when_nothing_is_left(desk: Desk, loan: Loan, fine: Fee) -> None:
    desk.dispute(fine, at=day(0))
    desk.at = day(1)
    desk.bring_to(loan, 400)
    desk.at = day(3)
    desk.bring_to(loan, 0)

    assert frozen(desk, loan) == days(0, 1, 2)


def test_what_happens_to_the_fee_after_that_moves_no_end(desk: Desk, loan: Loan, fine: Fee) -> None:
    desk.dispute(fine, at=day(0))
    desk.waive(fine, at=day(2))
    desk.accrue(loan, 1500, at=day(5))
    desk.pay(fine, at=day(8))

    assert frozen(desk, loan) == days(0, 1)


def test_a_waiver_of_a_part_ends_nothing(desk: Desk, loan: Loan, fine: Fee) -> None:
    desk.dispute(fine, at=day(0))
    desk.waive(fine, amount=400, at=day(1))

    assert frozen(desk, loan) == set()

    desk.waive(fine, amount=600, at=day(3))

    assert frozen(desk, loan) == days(0, 1, 2)


def test_a_corrected_waiver_of_a_part_leaves_the_dispute_as_it_was(desk: Desk, loan: Loan, fine: Fee) -> None:
    desk.dispute(fine, at=day(0))
    desk.waive(fine, amount=400, at=day(1))
    desk.correct(desk.last_transfer("WAIVE"), at=day(2))
    desk.restore(fine, at=day(3))

    assert frozen(desk, loan) == days(0, 1, 2)


def test_two_disputes_are_two_spans(desk: Desk, loan: Loan, fine: Fee) -> None:
    desk.dispute(fine, at=day(0))
    desk.restore(fine, at=day(2))
    desk.dispute(fine, at=day(5))
    desk.restore(fine, at=day(6))

    assert frozen(desk, loan) == days(0, 1, 5)


def test_a_waiver_taken_back_begins_the_dispute_again(desk: Desk, loan: Loan, fine: Fee) -> None:
    desk.dispute(fine, at=day(0))
    desk.waive(fine, at=day(2))
    desk.correct(desk.last_transfer("WAIVE"), at=day(4))
    desk.restore(fine, at=day(6))

    assert frozen(desk, loan) == days(0, 1, 4, 5)


def test_a_charge_taken_back_while_disputed_ends_the_dispute(desk: Desk, loan: Loan, fine: Fee) -> None:
    desk.dispute(fine, at=day(0))
    desk.correct(desk.last_transfer("CHARGE"), at=day(1))

    assert frozen(desk, loan) == days(0)


def test_a_dispute_that_lasts_has_no_end(desk: Desk, loan: Loan, fine: Fee) -> None:
    desk.dispute(fine, at=day(0))
    desk.waive(fine, amount=400, at=day(1))

    found = frozen_days(desk.library.institution.pk, [loan.pk], ["OVERDUEFINE"], UTC)

    assert found == {loan.pk: [(day(0).date(), None)]}


def test_a_day_is_one_of_the_given_zone(desk: Desk, loan: Loan, fine: Fee) -> None:
    desk.dispute(fine, at=day(0) + timedelta(hours=11))  # 23:00 in UTC, the next day in Tokyo
    desk.restore(fine, at=day(2))

    assert frozen(desk, loan, zone=ZoneInfo("Asia/Tokyo")) == days(1)


def test_other_loans_types_and_institutions_are_not_seen_and_all_are_read_by_one_query(
    desk: Desk, loan: Loan, fine: Fee
) -> None:
    other = desk.new_loan()
    desk.accrue(other, 100)
    for fee in Fee.objects.all():
        desk.dispute(fee, at=day(0))
        desk.restore(fee, at=day(1 if fee == fine else 2))
    elsewhere = Desk(Library.new("ELSE"))

    with CaptureQueriesContext(connection) as captured:
        both = frozen_days(desk.library.institution.pk, [loan.pk, other.pk], ["OVERDUEFINE"], UTC)

    spans = {key: [(day(0).date(), day(end).date())] for key, end in ((loan.pk, 1), (other.pk, 2))}
    assert (both, len(captured)) == (spans, 1)
    assert frozen(desk, loan) == days(0)
    assert frozen_days(desk.library.institution.pk, [loan.pk], ["OTHER"], UTC) == {}
    assert frozen(elsewhere, loan) == set()
