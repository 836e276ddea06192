"""What is answered and what is sent, as one tree of plain values, written and read as JSON or as XML.

Why one tree: an object of the dialect is described once. The two forms (``json_form.py``, ``xml_form.py``) differ by
rule alone.
"""

DEPTH_LIMIT = 20


class Number(str):
    """A number by its digits: written bare in JSON, and never a float."""

    __slots__ = ()


class Malformed(ValueError):
    """What was sent is neither JSON nor XML that can be read."""


def amount(minor: int, exponent: int) -> Number:
    """``minor`` units as a decimal with at least one place: 500 is ``5.0``, 7 is ``0.07``."""
    digits = f"{abs(minor):0{exponent + 1}d}"
    whole, places = (digits[:-exponent], digits[-exponent:].rstrip("0")) if exponent else (digits, "")
    return Number(f"{'-' if minor < 0 else ''}{whole}.{places or '0'}")
