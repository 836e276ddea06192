"""Amounts as people type them, read into minor units or refused.

Why refused and never rounded: a clerk who types ``10,5`` or scans a barcode into the amount field must be
asked, not guessed at; ``.45`` is written ``0.45``.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from babel.numbers import get_currency_precision, list_currencies

_DIGITS_LIMIT = 30
_SHAPE = re.compile(r"(?P<whole>\d+)(?:\.(?P<fraction>\d+))?", re.ASCII)


class AmountError(ValueError):
    """An amount that was typed and cannot be taken. ``text`` is what was typed."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class AmountMissing(AmountError):
    """Nothing was typed."""


class AmountMalformed(AmountError):
    """Not digits with at most one point: ``10,5``, ``.45``, ``1e3``, ``NaN``, ``-1``."""


class AmountNotPositive(AmountError):
    """Zero."""


class AmountTooPrecise(AmountError):
    """More decimals than the currency has, as ``0.005`` in US dollars."""

    def __init__(self, text: str, exponent: int) -> None:
        super().__init__(text)
        self.exponent = exponent


class AmountAboveCeiling(AmountError):
    """Above the institution's ceiling; a barcode scanned into the amount field ends here."""

    def __init__(self, text: str, ceiling_minor: int) -> None:
        super().__init__(text)
        self.ceiling_minor = ceiling_minor


@dataclass(frozen=True)
class Currency:
    """An ISO 4217 currency. ``exponent`` is the number of decimals: USD 2, JPY 0, KWD 3."""

    code: str
    exponent: int


@lru_cache
def currency(code: str) -> Currency:
    """The currency of an ISO 4217 code. Raises ``ValueError`` for a code nobody knows."""
    if code not in list_currencies():
        raise ValueError(f"{code} is not an ISO 4217 currency code")
    return Currency(code, get_currency_precision(code))


def parse_amount(text: str, money: Currency, *, ceiling_minor: int) -> int:
    """Read a typed amount of ``money`` into minor units, above zero and at most ``ceiling_minor``.

    The decimal sign is a point in every locale, so that one text has one meaning. Raises a subclass of
    ``AmountError`` that says what is wrong.
    """
    typed = text.strip()
    if not typed:
        raise AmountMissing(text)
    shape = _SHAPE.fullmatch(typed)
    if shape is None:
        raise AmountMalformed(text)
    if len(typed) > _DIGITS_LIMIT:
        raise AmountAboveCeiling(text, ceiling_minor)
    fraction = shape["fraction"] or ""
    if len(fraction) > money.exponent:
        raise AmountTooPrecise(text, money.exponent)
    minor = int(shape["whole"] + fraction.ljust(money.exponent, "0"))
    if minor == 0:
        raise AmountNotPositive(text)
    if minor > ceiling_minor:
        raise AmountAboveCeiling(text, ceiling_minor)
    return minor
