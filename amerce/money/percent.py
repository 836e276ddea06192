"""Percentages as people type them, into hundredths of a percent.

Why by the rules of amounts: ``10,5`` is refused in one field for the same reason as in the other.
"""

from amerce.money.amount import AmountNotPositive, Currency, parse_amount

WHOLE_BP = 10_000
"""100 % in hundredths of a percent."""
_PERCENT = Currency("%", 2)


def parse_percent_bp(text: str) -> int:
    """Read ``text`` (``87.5``) into hundredths of a percent, from 0 to 100 %. Raises a subclass of ``AmountError``."""
    try:
        return parse_amount(text, _PERCENT, ceiling_minor=WHOLE_BP)
    except AmountNotPositive:
        return 0


def format_percent(bp: int) -> str:
    """``bp`` hundredths of a percent as a field takes it back: ``87.5``, ``100``."""
    whole, rest = divmod(bp, 100)
    return f"{whole}.{rest:02}".rstrip("0").rstrip(".") if rest else str(whole)
