import pytest
from hypothesis import given
from hypothesis import strategies as st

from amerce.money.amount import currency, parse_amount
from amerce.money.format import format_amount, format_plain

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("minor", "code", "locale", "text"),
    [
        (123_450, "USD", "en_US", "$1,234.50"),
        (-325, "USD", "en_US", "-$3.25"),
        (0, "USD", "en_US", "$0.00"),
        (5, "USD", "en_US", "$0.05"),
        (123_450, "EUR", "de_DE", f"1.234,50{NBSP}€"),
        (-325, "EUR", "de_DE", f"-3,25{NBSP}€"),
        (123_450, "USD", "de_DE", f"1.234,50{NBSP}$"),
        (1500, "JPY", "ja_JP", "￥1,500"),
        (-1500, "JPY", "ja_JP", "-￥1,500"),
        (1500, "JPY", "en_US", "¥1,500"),
        (12_345, "KWD", "en_US", "KWD12.345"),
    ],
)
def test_an_amount_is_written_in_the_manner_of_the_place(minor, code, locale, text):
    assert format_amount(minor, currency(code), locale) == text


@pytest.mark.parametrize("minor", [12_345, -12_345, 1])
def test_three_decimals_of_kuwait_are_all_shown(minor):
    shown = format_amount(minor, currency("KWD"), "ar_KW")
    assert "د.ك" in shown
    digits = "".join(each for each in shown if each.isdigit())
    assert int(digits) == abs(minor)
    assert ("-" in shown) == (minor < 0)


def test_a_large_amount_keeps_every_digit():
    assert format_amount(2**63 - 1, currency("USD"), "en_US") == "$92,233,720,368,547,758.07"


@pytest.mark.parametrize(
    ("minor", "code", "text"),
    [
        (123_450, "USD", "1234.50"),
        (5, "EUR", "0.05"),
        (-5, "EUR", "-0.05"),
        (1500, "JPY", "1500"),
        (12_345, "KWD", "12.345"),
        (0, "KWD", "0.000"),
        (2**63 - 1, "USD", "92233720368547758.07"),
    ],
)
def test_a_plain_amount_has_digits_and_a_point_alone(minor, code, text):
    assert format_plain(minor, currency(code)) == text


@given(st.integers(min_value=1, max_value=10**15), st.sampled_from(["USD", "EUR", "JPY", "KWD"]))
def test_a_plain_amount_typed_back_is_the_same(minor, code):
    money = currency(code)
    assert parse_amount(format_plain(minor, money), money, ceiling_minor=10**15) == minor
