"""Amounts as programs send them: read from their text, never through a float.

Why one exception to "refused, never rounded": programs in JavaScript subtract floats and send 0.09999999999999998.
"""

import re
from typing import Any

from amerce.institutions.models import Institution
from amerce.money.amount import AmountMissing, parse_amount
from amerce.money.divide import divide_half_up

_LONG = re.compile(r"\d{1,15}\.\d{10,30}", re.ASCII)
_NEAR = 9
"""A decimal within 10 to the minus ``_NEAR`` of a whole minor unit is read as that unit."""


def read_amount(sent: Any, institution: Institution) -> int:
    """An amount in minor units. Raises the errors of ``money.amount``."""
    if sent is None or isinstance(sent, bool | dict | list):
        raise AmountMissing("")
    text = str(sent).strip()
    ceiling_minor = institution.amount_ceiling_minor
    if _LONG.fullmatch(text):
        text = _whole_units(text, institution.currency.exponent)
    return parse_amount(text, institution.currency, ceiling_minor=ceiling_minor)


def _whole_units(text: str, exponent: int) -> str:
    """``text`` as whole minor units where it is so near them that only a float can have made the difference."""
    whole, places = text.split(".")
    scale = 10 ** len(places)
    units = int(whole + places) * 10**exponent
    nearest = divide_half_up(units, scale)
    if abs(units - nearest * scale) * 10**_NEAR > scale * 10**exponent:
        return text
    digits = f"{nearest:0{exponent + 1}d}"
    return f"{digits[:-exponent]}.{digits[-exponent:]}" if exponent else digits
