from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from amerce.jobs.cron import checked_cron, first_times, next_time
from amerce.jobs.errors import CronNotTaken, NeverDue

BERLIN, CHICAGO = ZoneInfo("Europe/Berlin"), ZoneInfo("America/Chicago")


def local(cron: str, zone: ZoneInfo, after: str, count: int) -> list[str]:
    """The next times on the clocks of ``zone``, with their distance to UTC."""
    begin = datetime.fromisoformat(after).replace(tzinfo=zone)
    return [f"{each.astimezone(zone):%d %H:%M %z}" for each in first_times(cron, count, after=begin, zone=zone)]


def test_it_is_due_on_the_clocks_of_the_institution():
    after = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)

    assert next_time("10 0 * * *", after=after, zone=CHICAGO) == datetime(2026, 1, 11, 6, 10, tzinfo=UTC)


def test_a_time_that_is_now_is_not_due_again():
    at = datetime(2026, 1, 10, 6, 10, tzinfo=UTC)

    assert next_time("10 0 * * *", after=at, zone=CHICAGO) == at + timedelta(days=1)


@pytest.mark.parametrize(
    ("cron", "times"),
    [
        ("30 2 * * *", ["29 03:00 +0200", "30 02:30 +0200"]),
        ("15,45 2 * * *", ["29 03:00 +0200", "30 02:15 +0200"]),
        ("*/15 2 * * *", ["29 03:00 +0200", "30 02:00 +0200"]),
        ("0 */2 * * *", ["29 03:00 +0200", "29 04:00 +0200"]),
        ("30 * * * *", ["29 03:30 +0200", "29 04:30 +0200"]),
    ],
)
def test_a_time_that_the_clocks_skip_comes_once_right_after(cron, times):
    assert local(cron, BERLIN, "2026-03-29T01:59", 2) == times


@pytest.mark.parametrize(
    ("cron", "times"),
    [
        ("30 2 * * *", ["25 02:30 +0200", "26 02:30 +0100"]),
        ("*/30 2 * * *", ["25 02:00 +0200", "25 02:30 +0200", "26 02:00 +0100"]),
        ("0 */2 * * *", ["25 02:00 +0200", "25 04:00 +0100"]),
        ("30 * * * *", ["25 02:30 +0200", "25 02:30 +0100", "25 03:30 +0100"]),
    ],
)
def test_a_time_that_the_clocks_show_twice_comes_once_unless_it_is_for_every_hour(cron, times):
    assert local(cron, BERLIN, "2026-10-25T01:59", len(times)) == times


def test_seen_from_the_hour_that_comes_again_it_is_not_due_a_second_time():
    second_time = datetime(2026, 10, 25, 2, 10, tzinfo=BERLIN, fold=1)

    assert next_time("30 2 * * *", after=second_time, zone=BERLIN) == datetime(2026, 10, 26, 2, 30, tzinfo=BERLIN)


def test_times_are_kept_with_one_space_between_their_parts():
    assert checked_cron("  10 0\t* *  MON-FRI ") == "10 0 * * MON-FRI"


@pytest.mark.parametrize(
    ("cron", "part"),
    [
        ("", ""),
        ("every night", ""),
        ("0 10 0 * * *", ""),
        ("10 0 * *", ""),
        ("1 " * 5 + " " * 100 + "1", ""),
        ("60 0 * * *", "minute"),
        ("-1 0 * * *", "minute"),
        ("0 24 * * *", "hour"),
        ("0 0 0 * *", "day-of-month"),
        ("0 0 32 * *", "day-of-month"),
        ("0 0 * 13 *", "month"),
        ("0 0 * * FRY", "day-of-week"),
        ("0 0 * * 5-1", "day-of-week"),
        ("*/0 0 * * *", "minute"),
        ("0 0 \u0661 * *", "day-of-month"),
    ],
)
def test_what_says_no_times_is_refused_and_its_part_named(cron, part):
    with pytest.raises(CronNotTaken) as refusal:
        checked_cron(cron)

    assert refusal.value.part == part


@pytest.mark.parametrize("cron", ["0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 31 2 *"])
def test_a_day_that_never_comes_is_refused(cron):
    with pytest.raises(NeverDue):
        checked_cron(cron)


def test_a_day_that_comes_seldom_is_taken():
    assert checked_cron("0 0 29 2 *") == "0 0 29 2 *"
    after = datetime(2026, 1, 1, tzinfo=UTC)
    assert next_time("0 0 29 2 *", after=after, zone=UTC) == datetime(2028, 2, 29, tzinfo=UTC)
