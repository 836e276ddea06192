import pytest
from hypothesis import given
from hypothesis import strategies as st

from amerce.money.allocate import allocate_in_order

amounts = st.integers(min_value=0, max_value=10**12)


@pytest.mark.parametrize(
    ("amount_minor", "open_minor", "shares", "rest"),
    [
        (500, [300, 300], [300, 200], 0),
        (600, [300, 300], [300, 300], 0),
        (700, [300, 300], [300, 300], 100),
        (300, [300, 300], [300, 0], 0),
        (0, [300], [0], 0),
        (5, [], [], 5),
        (100, [0, 100], [0, 100], 0),
    ],
)
def test_one_after_the_other_is_filled(amount_minor, open_minor, shares, rest):
    assert allocate_in_order(amount_minor, open_minor) == (shares, rest)


@pytest.mark.parametrize(("amount_minor", "open_minor"), [(-1, [5]), (5, [-1])])
def test_a_negative_amount_is_refused(amount_minor, open_minor):
    with pytest.raises(ValueError, match="zero or more"):
        allocate_in_order(amount_minor, open_minor)


@given(amounts, st.lists(amounts))
def test_nothing_is_lost_and_nobody_gets_more_than_is_open(amount_minor, open_minor):
    shares, rest = allocate_in_order(amount_minor, open_minor)
    assert sum(shares) + rest == amount_minor
    assert len(shares) == len(open_minor)
    assert all(0 <= share <= each for share, each in zip(shares, open_minor, strict=True))
    assert rest == 0 or shares == open_minor


@given(amounts, st.lists(amounts))
def test_a_later_one_gets_something_only_when_all_before_are_full(amount_minor, open_minor):
    shares, _ = allocate_in_order(amount_minor, open_minor)
    short = next((at for at, share in enumerate(shares) if share < open_minor[at]), len(shares))
    assert all(share == 0 for share in shares[short + 1 :])
