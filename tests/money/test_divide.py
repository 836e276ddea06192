from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amerce.money.divide import divide_half_up


@pytest.mark.parametrize(
    ("numerator", "denominator", "quotient"),
    [
        (0, 3, 0), (1, 2, 1), (-1, 2, -1), (1, 3, 0), (2, 3, 1), (5, 2, 3), (-5, 2, -3), (7, 2, 4), (10, 10, 1),
        (149, 100, 1), (150, 100, 2), (250, 100, 3), (10**40 + 1, 2, 5 * 10**39 + 1),
    ],
)  # fmt: skip
def test_a_half_is_rounded_away_from_zero(numerator, denominator, quotient):
    assert divide_half_up(numerator, denominator) == quotient


@pytest.mark.parametrize("denominator", [0, -1])
def test_a_denominator_of_zero_or_less_is_refused(denominator):
    with pytest.raises(ValueError, match="above zero"):
        divide_half_up(1, denominator)


@given(st.integers(), st.integers(min_value=1))
def test_the_error_is_at_most_one_half_and_a_half_goes_away_from_zero(numerator, denominator):
    quotient = divide_half_up(numerator, denominator)
    error = quotient - Fraction(numerator, denominator)
    assert abs(error) <= Fraction(1, 2)
    if abs(error) == Fraction(1, 2):
        assert abs(quotient) > abs(Fraction(numerator, denominator))
    assert divide_half_up(-numerator, denominator) == -quotient
