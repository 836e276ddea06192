"""Amounts as programs send them."""

import pytest

from amerce.api.amounts import read_amount
from amerce.institutions.models import Institution
from amerce.money import amount as errors

USD = Institution(currency_code="USD", amount_ceiling_minor=10_000_000)
JPY = Institution(currency_code="JPY", amount_ceiling_minor=10_000_000)


@pytest.mark.parametrize(
    ("sent", "minor"),
    [
        ("5", 500),
        ("5.0", 500),
        ("0.07", 7),
        (" 12.50 ", 1250),
        ("0.09999999999999998", 10),
        ("0.30000000000000004", 30),
        ("19.990000000000002", 1999),
        ("1.0000000010", 100),
        ("5.0000000000", 500),
    ],
)
def test_digits_are_read_as_minor_units(sent: str, minor: int) -> None:
    assert read_amount(sent, USD) == minor


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (None, errors.AmountMissing),
        (True, errors.AmountMissing),
        ("", errors.AmountMissing),
        ("1e3", errors.AmountMalformed),
        ("NaN", errors.AmountMalformed),
        ("-1", errors.AmountMalformed),
        ("0.005", errors.AmountTooPrecise),
        ("1.004987654321", errors.AmountTooPrecise),
        ("1.0000000020", errors.AmountTooPrecise),
        ("0.0000000000001", errors.AmountNotPositive),
        ("100000.01", errors.AmountAboveCeiling),
        ("9" * 400, errors.AmountAboveCeiling),
    ],
)
def test_everything_else_is_refused_and_never_rounded(sent: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_amount(sent, USD)


def test_a_currency_without_decimals_has_none() -> None:
    assert read_amount("1499.9999999999998", JPY) == 1500
    with pytest.raises(errors.AmountTooPrecise):
        read_amount("1500.5", JPY)
