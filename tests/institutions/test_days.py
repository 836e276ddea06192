from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from amerce.institutions.days import begin_of_day, end_of_day, local_day

DAVIS = ZoneInfo("America/Los_Angeles")


def test_a_moment_falls_on_the_day_that_the_clocks_of_the_institution_show():
    assert local_day(datetime(2026, 3, 2, 7, 59, 59, tzinfo=UTC), DAVIS) == date(2026, 3, 1)
    assert local_day(datetime(2026, 3, 2, 8, tzinfo=UTC), DAVIS) == date(2026, 3, 2)


def test_a_day_begins_at_its_midnight_and_ends_with_its_last_second():
    assert begin_of_day(date(2026, 3, 2), DAVIS) == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert end_of_day(date(2026, 3, 2), DAVIS) == datetime(2026, 3, 3, 7, 59, 59, tzinfo=UTC)


def test_a_day_on_which_the_clocks_go_forward_is_an_hour_shorter():
    assert begin_of_day(date(2026, 3, 8), DAVIS) == datetime(2026, 3, 8, 8, tzinfo=UTC)
    assert end_of_day(date(2026, 3, 8), DAVIS) == datetime(2026, 3, 9, 6, 59, 59, tzinfo=UTC)


def test_a_day_whose_last_hour_comes_twice_ends_with_the_second_one():
    # given: in Santiago the clocks go back from midnight to 23:00 on the day before
    santiago = ZoneInfo("America/Santiago")

    # then
    assert end_of_day(date(2026, 4, 4), santiago) == datetime(2026, 4, 5, 3, 59, 59, tzinfo=UTC)
