"""When a loan is due."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from amerce.circulation.due import due_after
from amerce.circulation.models import TermsOfUse
from amerce.circulation.opening import Closure, Opening

DAVIS = ZoneInfo("America/Los_Angeles")
AT = datetime(2026, 3, 2, 20, 30, tzinfo=UTC)


def due(length: int, unit: str, *, opening: Opening = Opening(), at: datetime = AT) -> datetime:  # noqa: B008
    return due_after(TermsOfUse(loan_length=length, loan_unit=unit), at, zone=DAVIS, opening=opening).astimezone(DAVIS)


@pytest.mark.parametrize(
    ("length", "unit", "expected"),
    [
        (3, "hour", datetime(2026, 3, 2, 15, 30, tzinfo=DAVIS)),
        (1, "day", datetime(2026, 3, 3, 23, 59, 59, tzinfo=DAVIS)),
        (28, "day", datetime(2026, 3, 30, 23, 59, 59, tzinfo=DAVIS)),
        (2, "week", datetime(2026, 3, 16, 23, 59, 59, tzinfo=DAVIS)),
    ],
)
def test_hours_go_by_the_clock_and_days_end_with_the_day(length: int, unit: str, expected: datetime) -> None:
    assert due(length, unit) == expected


def test_the_day_is_one_of_the_institutions_zone() -> None:
    late_in_the_evening = datetime(2026, 3, 3, 5, 0, tzinfo=UTC)  # still the second of March in Davis

    assert due(1, "day", at=late_in_the_evening).date() == date(2026, 3, 3)


def test_a_closed_day_moves_it_on() -> None:
    opening = Opening(closures=(Closure(date(2026, 3, 3), date(2026, 3, 5)),))

    assert due(1, "day", opening=opening) == datetime(2026, 3, 6, 23, 59, 59, tzinfo=DAVIS)


def test_a_library_that_never_opens_moves_nothing() -> None:
    opening = Opening({date(2020, 1, 1): {}})

    assert due(1, "day", opening=opening).date() == date(2026, 3, 3)


def test_the_last_second_of_the_day_on_which_the_clocks_go_back_is_the_second_one() -> None:
    assert due(1, "day", at=datetime(2026, 10, 31, 20, tzinfo=UTC)).astimezone(UTC) == datetime(
        2026, 11, 2, 7, 59, 59, tzinfo=UTC
    )
