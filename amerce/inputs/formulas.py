"""What somebody typed, on its way into a spreadsheet: there a text that begins like a formula would be one."""

from typing import Any

_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r")


def no_formula(value: Any) -> Any:
    """``value`` for a cell: a text that a spreadsheet would take for a formula gets an apostrophe before it."""
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_BEGINNINGS) else text
