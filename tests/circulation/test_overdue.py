"""The arithmetic of lateness, with the numbers of the peers' own documents and the properties any fine must have."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amerce.circulation.opening import Closure, Opening, Span, whole_day
from amerce.circulation.overdue import fine_minor, late_for

pytestmark = pytest.mark.money


@dataclass(frozen=True)
class Terms:
    rate_minor: int = 25
    overdue_unit: str = "day"
    grace_minutes: int = 0
    overdue_maximum_minor: int = 0
    charges_closed_time: bool = True


STANDARD = Terms(25, "day", 24 * 60, 1000)
DUE = datetime(2024, 6, 30, 23, 59, 59)
ALWAYS_OPEN = Opening()
A_CLOSED_DAY = Opening(closures=(Closure(date(2024, 7, 2), date(2024, 7, 2)),))

terms_of_use = st.builds(
    Terms,
    rate_minor=st.integers(0, 10**6),
    overdue_unit=st.sampled_from(["hour", "day", "week"]),
    grace_minutes=st.integers(0, 10_000),
    overdue_maximum_minor=st.integers(0, 10**9),
    charges_closed_time=st.booleans(),
)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(microsecond=0))
waits = st.timedeltas(timedelta(0), timedelta(days=120))
days = st.dates(date(2020, 1, 1), date(2030, 1, 1))


@st.composite
def openings(draw):
    hours = {}
    if draw(st.booleans()):
        week = {each: [(time(9), time(17))] for each in draw(st.sets(st.integers(0, 6)))}
        hours = {date(2019, 1, 1): week}
    closed = draw(st.lists(st.tuples(days, st.integers(0, 9)), max_size=3))
    return Opening(hours, tuple(Closure(first, first + timedelta(days=more)) for first, more in closed))


def fine(terms: Terms, due: datetime, until: datetime, opening: Opening = ALWAYS_OPEN, frozen: list[Span] = []) -> int:  # noqa: B006
    return fine_minor(terms, terms.rate_minor, [Span(due, until)], opening=opening, frozen=frozen)


def after(minutes: int) -> datetime:
    return datetime(2024, 7, 1) + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("as_of", "expected_minor"),
    [
        (date(2024, 6, 29), 0),
        (date(2024, 6, 30), 0),
        (date(2024, 7, 1), 0),
        (date(2024, 7, 2), 50),
        (date(2024, 7, 3), 75),
        (date(2024, 7, 15), 375),
        (date(2024, 8, 8), 975),
        (date(2024, 8, 9), 1000),
        (date(2024, 8, 10), 1000),
    ],
)
def test_a_day_of_grace_costs_nothing_and_then_the_whole_time_counts_up_to_the_maximum(as_of, expected_minor):
    assert fine(STANDARD, DUE, whole_day(as_of).end) == expected_minor


def test_25_hours_at_3_00_a_day_are_two_days():
    assert fine(Terms(300), DUE, after(25 * 60)) == 600


def test_a_closed_day_is_left_out_before_the_grace_is_looked_at():
    terms = Terms(300, "day", 24 * 60, charges_closed_time=False)

    assert late_for(terms, Span(DUE, after(3720)), opening=A_CLOSED_DAY) == timedelta(minutes=2280)
    assert fine(terms, DUE, after(3720), A_CLOSED_DAY) == 600


def test_closed_days_count_where_the_terms_say_so():
    assert fine(Terms(300, "day", 24 * 60), DUE, after(3720), A_CLOSED_DAY) == 900


@pytest.mark.parametrize(("intervals", "expected_minor"), [(5, 500), (10, 1000), (15, 1000)])
def test_a_fine_stops_at_the_maximum(intervals, expected_minor):
    assert fine(Terms(100, "day", 0, 1000), DUE, after(intervals * 24 * 60)) == expected_minor


@pytest.mark.parametrize(("grace_minutes", "expected_minor"), [(12, 0), (10, 0), (9, 100), (5, 100)])
def test_ten_minutes_late_cost_nothing_within_the_grace_and_a_whole_hour_past_it(grace_minutes, expected_minor):
    assert fine(Terms(100, "hour", grace_minutes), DUE, after(10)) == expected_minor


@pytest.mark.parametrize(("unit", "expected_minor"), [("hour", 4900), ("day", 300), ("week", 100)])
def test_every_begun_unit_counts(unit, expected_minor):
    assert fine(Terms(100, unit), DUE, after(48 * 60 + 1)) == expected_minor


def test_by_the_hour_the_closed_night_is_left_out():
    opening = Opening({date(2024, 1, 1): {each: [(time(9), time(17))] for each in range(7)}})
    terms = Terms(100, "hour", charges_closed_time=False)

    assert fine(terms, datetime(2024, 7, 1, 16), datetime(2024, 7, 2, 10), opening) == 200


def test_by_the_day_only_days_without_any_opening_are_left_out():
    opening = Opening({date(2024, 1, 1): {each: [(time(9), time(17))] for each in range(5)}})
    terms = Terms(100, "day", charges_closed_time=False)
    friday, monday = datetime(2024, 6, 28, 23, 59, 59), datetime(2024, 7, 1, 10)

    assert fine(terms, friday, monday, opening) == 100


def test_hours_hold_from_their_first_day_on():
    opening = Opening({date(2024, 7, 3): {each: [(time(9), time(17))] for each in range(2)}})

    assert [opening.is_open_on(date(2024, 7, day)) for day in (2, 3, 8, 9, 10)] == [True, False, True, True, False]


def test_a_holiday_that_was_deleted_holds_for_the_days_before():
    closure = Closure(date(2024, 7, 1), date(2024, 7, 31), removed_on=date(2024, 7, 10))

    assert [closure.holds_on(date(2024, 7, day)) for day in (1, 9, 10, 31)] == [True, True, False, False]


def test_frozen_days_that_lie_on_closed_days_are_left_out_once():
    terms = Terms(100, "day", charges_closed_time=False)
    frozen = [whole_day(date(2024, 7, 2)), whole_day(date(2024, 7, 3)), whole_day(date(2024, 7, 3))]

    assert fine(terms, DUE, whole_day(date(2024, 7, 5)).end, A_CLOSED_DAY, frozen) == 300


def test_each_lateness_has_its_own_grace_and_they_share_the_maximum():
    terms = Terms(100, "day", 24 * 60, 450)
    short, three_days = Span(DUE, after(60)), Span(DUE, after(3 * 24 * 60))

    assert fine_minor(terms, 100, [short, three_days]) == 300
    assert fine_minor(terms, 100, [three_days, three_days]) == 450


@given(terms_of_use, moments, waits, openings())
def test_it_is_never_below_zero_nor_above_the_maximum(terms, due, wait, opening):
    charged = fine(terms, due, due + wait, opening)

    assert charged >= 0
    assert terms.overdue_maximum_minor == 0 or charged <= terms.overdue_maximum_minor


@given(terms_of_use, moments, waits, waits, openings())
def test_it_never_falls_with_time(terms, due, wait, longer, opening):
    assert fine(terms, due, due + wait, opening) <= fine(terms, due, due + wait + longer, opening)


@given(terms_of_use, moments, waits, openings(), days)
def test_a_further_closed_day_never_costs_more(terms, due, wait, opening, closed_on):
    also_closed = Opening(opening.hours, (*opening.closures, Closure(closed_on, closed_on)))

    assert fine(terms, due, due + wait, also_closed) <= fine(terms, due, due + wait, opening)


@given(moments, st.integers(1, 200))
def test_days_on_which_the_library_is_closed_throughout_are_never_charged(due, count):
    terms = Terms(100, "day", charges_closed_time=False)
    closed = Opening(closures=(Closure(due.date(), due.date() + timedelta(days=count)),))

    assert fine(terms, due, due + timedelta(days=count), closed) == 0


@given(terms_of_use, moments, st.timedeltas(timedelta(days=-30), timedelta(0)))
def test_who_is_not_late_pays_nothing(terms, due, early):
    assert fine(terms, due, due + early) == 0
