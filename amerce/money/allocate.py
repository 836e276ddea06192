"""Sharing one sum over several open amounts."""

from collections.abc import Sequence


def allocate_in_order(amount_minor: int, open_minor: Sequence[int]) -> tuple[list[int], int]:
    """Fill ``open_minor`` one after the other from ``amount_minor``.

    Returns the share of each, in the same order, and what is left over. All in minor units; the shares and
    the rest sum to ``amount_minor``. Raises ``ValueError`` for a negative number.
    """
    if amount_minor < 0 or any(each < 0 for each in open_minor):
        raise ValueError("only amounts of zero or more can be shared out")
    shares = []
    for each in open_minor:
        share = min(each, amount_minor)
        shares.append(share)
        amount_minor -= share
    return shares, amount_minor
