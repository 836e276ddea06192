import pytest
from hypothesis import given
from hypothesis import strategies as st

from amerce.money.vat import vat_in, vat_of_part

amounts = st.integers(min_value=0, max_value=10**12)
rates = st.integers(min_value=0, max_value=10_000)
parts = st.lists(st.integers(min_value=1, max_value=10**9), max_size=20)


@pytest.mark.parametrize(
    ("amount_minor", "rate_bp", "vat_minor"),
    [
        (1000, 1000, 91),
        (909, 1000, 83),
        (1000, 0, 0),
        (0, 1900, 0),
        (1190, 1900, 190),
        (10_775, 775, 775),
        (1, 1000, 0),
        (6, 1000, 1),
        (200, 10_000, 100),
        (1, 10_000, 1),
    ],
)
def test_the_vat_inside_an_amount(amount_minor, rate_bp, vat_minor):
    assert vat_in(amount_minor, rate_bp) == vat_minor


def test_ten_at_ten_percent_is_nine_and_nine_cents_and_ninety_one_cents_vat():
    vat_minor = vat_in(1000, 1000)
    assert (1000 - vat_minor, vat_minor) == (909, 91)


def test_three_payments_of_ten_hold_the_vat_of_ten():
    steps = [(0, 333), (333, 666), (666, 1000)]
    assert [vat_of_part(before_minor=a, after_minor=b, rate_bp=1000) for a, b in steps] == [30, 31, 30]


@given(parts, rates)
def test_parts_sum_to_the_whole_and_are_within_their_amounts(amounts_minor, rate_bp):
    before_minor, total = 0, 0
    for amount_minor in amounts_minor:
        after_minor = before_minor + amount_minor
        part = vat_of_part(before_minor=before_minor, after_minor=after_minor, rate_bp=rate_bp)
        assert 0 <= part <= amount_minor
        total += part
        before_minor = after_minor
    assert total == vat_in(sum(amounts_minor), rate_bp)


@given(amounts, amounts, rates)
def test_what_is_taken_back_holds_the_vat_that_was_given(before_minor, after_minor, rate_bp):
    there = vat_of_part(before_minor=before_minor, after_minor=after_minor, rate_bp=rate_bp)
    back = vat_of_part(before_minor=after_minor, after_minor=before_minor, rate_bp=rate_bp)
    assert there == back


@given(amounts, rates)
def test_vat_grows_with_the_amount_and_never_exceeds_it(amount_minor, rate_bp):
    vat_minor = vat_in(amount_minor, rate_bp)
    assert 0 <= vat_minor <= amount_minor
    assert vat_in(amount_minor + 1, rate_bp) - vat_minor in (0, 1)
