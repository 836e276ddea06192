"""What a tree is made of."""

import pytest

from amerce.api.json_form import to_json
from amerce.api.tree import amount


@pytest.mark.parametrize(
    ("minor", "exponent", "digits"),
    [(500, 2, "5.0"), (7, 2, "0.07"), (-325, 2, "-3.25"), (0, 2, "0.0"), (1250, 3, "1.25"), (1500, 0, "1500.0"),
     (10**15 + 1, 2, "10000000000000.01")],
)  # fmt: skip
def test_an_amount_has_its_digits_and_at_least_one_place(minor: int, exponent: int, digits: str) -> None:
    assert amount(minor, exponent) == digits
    assert to_json({"a": amount(minor, exponent)}) == f'{{"a": {digits}}}'
