"""VAT that is included in an amount.

Why cumulative: a fee of 10.00 at 10 % holds 0.91 VAT, and three payments of it must hold 0.91 together, so
each part's VAT is the VAT of everything settled so far less the VAT of what was settled before.
"""

from amerce.money.divide import divide_half_up

WHOLE_BP = 10_000
"""100 % in hundredths of a percent, the unit in which VAT rates are kept (10 % = 1000, 7.75 % = 775)."""


def vat_in(amount_minor: int, rate_bp: int) -> int:
    """The VAT inside ``amount_minor`` at ``rate_bp`` hundredths of a percent: 1000 at 1000 (10 %) is 91."""
    return divide_half_up(amount_minor * rate_bp, WHOLE_BP + rate_bp)


def vat_of_part(*, before_minor: int, after_minor: int, rate_bp: int) -> int:
    """The VAT of the part that moves a total from ``before_minor`` to ``after_minor``, never negative.

    Parts taken one after the other sum to ``vat_in`` of the whole.
    """
    return abs(vat_in(after_minor, rate_bp) - vat_in(before_minor, rate_bp))
