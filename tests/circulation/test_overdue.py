from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amerce.circulation.overdue import fine_minor

pytestmark = pytest.mark.money


@dataclass(frozen=True)
class Policy:
    rate_minor: int
    grace_days: int
    maximum_minor: int


STANDARD = Policy(rate_minor=25, grace_days=1, maximum_minor=1000)
DUE = date(2024, 6, 30)

policies = st.builds(
    Policy, rate_minor=st.integers(0, 10**6), grace_days=st.integers(0, 60), maximum_minor=st.integers(0, 10**9)
)
days = st.dates(date(1990, 1, 1), date(2090, 1, 1))


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
    assert fine_minor(STANDARD, DUE, as_of) == expected_minor


def test_without_grace_the_first_day_counts():
    assert fine_minor(Policy(25, 0, 1000), DUE, date(2024, 7, 1)) == 25


@given(policies, days, days)
def test_it_is_never_below_zero_nor_above_the_maximum(policy, due_on, as_of):
    assert 0 <= fine_minor(policy, due_on, as_of) <= policy.maximum_minor


@given(policies, days, days, st.integers(0, 400))
def test_it_never_falls_with_time(policy, due_on, as_of, later):
    assert fine_minor(policy, due_on, as_of) <= fine_minor(policy, due_on, as_of + timedelta(days=later))


@given(policies, days, st.integers(-400, 60))
def test_within_the_grace_it_is_zero(policy, due_on, late_days):
    if late_days <= policy.grace_days:
        assert fine_minor(policy, due_on, due_on + timedelta(days=late_days)) == 0


@given(policies, days, st.integers(1, 4000))
def test_past_the_grace_below_the_maximum_every_day_costs_the_rate(policy, due_on, late_days):
    if late_days > policy.grace_days and late_days * policy.rate_minor <= policy.maximum_minor:
        assert fine_minor(policy, due_on, due_on + timedelta(days=late_days)) == late_days * policy.rate_minor
