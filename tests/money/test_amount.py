import pytest

from amerce.money.amount import (
    AmountAboveCeiling,
    AmountError,
    AmountMalformed,
    AmountMissing,
    AmountNotPositive,
    AmountTooPrecise,
    currency,
    parse_amount,
)

USD, EUR, JPY, KWD = (currency(code) for code in ("USD", "EUR", "JPY", "KWD"))
CEILING_MAJOR = 100_000


def parsed(text: str, code: str) -> int:
    money = currency(code)
    return parse_amount(text, money, ceiling_minor=CEILING_MAJOR * 10**money.exponent)


@pytest.mark.parametrize(("code", "exponent"), [("USD", 2), ("EUR", 2), ("JPY", 0), ("KWD", 3)])
def test_a_currency_knows_its_decimals(code, exponent):
    assert currency(code).exponent == exponent


@pytest.mark.parametrize("code", ["", "usd", "XXQ", "DOLLAR"])
def test_a_code_nobody_knows_is_no_currency(code):
    with pytest.raises(ValueError, match="is not an ISO 4217 currency code"):
        currency(code)


@pytest.mark.parametrize(
    ("text", "code", "minor"),
    [
        ("10", "USD", 1000),
        ("10.5", "USD", 1050),
        ("10.50", "USD", 1050),
        ("0.45", "USD", 45),
        ("0.01", "USD", 1),
        ("007.10", "USD", 710),
        (" 12.00\t", "USD", 1200),
        ("100000", "USD", 10_000_000),
        ("100000.00", "EUR", 10_000_000),
        ("1234.56", "EUR", 123_456),
        ("1", "JPY", 1),
        ("1500", "JPY", 1500),
        ("100000", "JPY", 100_000),
        ("0.001", "KWD", 1),
        ("1.5", "KWD", 1500),
        ("12.345", "KWD", 12_345),
    ],
)
def test_an_amount_is_read_into_minor_units(text, code, minor):
    assert parsed(text, code) == minor


@pytest.mark.parametrize("code", ["USD", "EUR", "JPY", "KWD"])
@pytest.mark.parametrize(
    "text",
    [
        "-1", "+5", "10,5", "1,000", "1,000.00", ".45", "5.", ".", "1.2.3", "1e3", "1E3", "0x10", "1_000", "1 000",
        "1\u00a0000", "NaN", "nan", "inf", "-Infinity", "１０", "０．５", "١٢", "½", "²", "−5", "$5", "5 USD", "EUR 5",
        "five", "--", "1\x00", "1\n2", "(5)", "5-", "10'000", "1/2",
    ],
)  # fmt: skip
def test_what_is_not_digits_with_one_point_is_refused(text, code):
    with pytest.raises(AmountMalformed) as refusal:
        parsed(text, code)
    assert refusal.value.text == text


@pytest.mark.parametrize("text", ["", " ", "\t\n", "\u00a0"])
def test_nothing_is_missing_and_not_zero(text):
    with pytest.raises(AmountMissing):
        parsed(text, "USD")


@pytest.mark.parametrize(
    ("text", "code"), [("0", "USD"), ("0.00", "USD"), ("00", "EUR"), ("0", "JPY"), ("0.000", "KWD")]
)
def test_zero_is_refused(text, code):
    with pytest.raises(AmountNotPositive):
        parsed(text, code)


@pytest.mark.parametrize(
    ("text", "code", "exponent"),
    [
        ("0.005", "USD", 2),
        ("10.000", "USD", 2),
        ("0.005", "EUR", 2),
        ("0.5", "JPY", 0),
        ("1.0", "JPY", 0),
        ("0.0005", "KWD", 3),
    ],
)
def test_more_decimals_than_the_currency_has_are_never_rounded_away(text, code, exponent):
    with pytest.raises(AmountTooPrecise) as refusal:
        parsed(text, code)
    assert refusal.value.exponent == exponent


@pytest.mark.parametrize(
    ("text", "code", "ceiling_minor"),
    [
        ("100000.01", "USD", 10_000_000),
        ("39007000000123", "USD", 10_000_000),
        ("31175034567890", "JPY", 100_000),
        ("9" * 40, "EUR", 10_000_000),
        ("9" * 5000, "EUR", 10_000_000),
        ("0." + "0" * 40, "KWD", 100_000_000),
        ("100000.001", "KWD", 100_000_000),
    ],
)
def test_a_barcode_or_forty_digits_are_above_the_ceiling(text, code, ceiling_minor):
    with pytest.raises(AmountAboveCeiling) as refusal:
        parsed(text, code)
    assert refusal.value.ceiling_minor == ceiling_minor


def test_every_refusal_is_one_kind_of_error_that_carries_what_was_typed():
    for text in ("", "x", "0", "0.005", "1000000"):
        with pytest.raises(AmountError) as refusal:
            parsed(text, "USD")
        assert refusal.value.text == text
