"""Amounts as people read them, and as programs do."""

from decimal import Decimal
from functools import lru_cache

from babel.numbers import format_currency

from amerce.money.amount import Currency


@lru_cache(maxsize=4096)  # a page writes the same few amounts again and again, and Babel thinks long about each
def format_amount(minor: int, money: Currency, locale: str) -> str:
    """``minor`` units with the currency's sign, in the manner of ``locale`` (``en_US``): ``$1,234.50``, ``-$3.25``."""
    return format_currency(Decimal(minor).scaleb(-money.exponent), money.code, locale=locale)


def format_plain(minor: int, money: Currency) -> str:
    """``minor`` units as digits with a point, no sign of the currency: ``1234.50``; what an amount field takes back."""
    return f"{Decimal(minor).scaleb(-money.exponent):.{money.exponent}f}"
