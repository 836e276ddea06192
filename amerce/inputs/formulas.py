"""What somebody typed, on its way into a spreadsheet: there a text that begins like a formula would be one."""

import re
from typing import Any

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def no_formula(value: Any) -> Any:
    """``value`` for a cell: a text that a spreadsheet would take for a formula gets an apostrophe before it.

    A number keeps its minus: with an apostrophe a credit would be left out of the sum of its column.
    """
    text = "" if value is None else str(value)
    is_formula = isinstance(value, str) and text.startswith(_BEGINNINGS) and not _NUMBER.fullmatch(text)
    return f"'{text}" if is_formula else text
