"""The one place where money is divided: half up, away from zero, in whole numbers."""


def divide_half_up(numerator: int, denominator: int) -> int:
    """``numerator / denominator`` rounded half away from zero; ``denominator`` must be above zero."""
    if denominator <= 0:
        raise ValueError("the denominator must be above zero")
    quotient = (2 * abs(numerator) + denominator) // (2 * denominator)
    return quotient if numerator >= 0 else -quotient
