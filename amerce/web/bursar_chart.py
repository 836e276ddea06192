"""What was exported and paid by month, as bars of whole units: the picture is the same whoever draws it."""

from collections.abc import Sequence
from dataclasses import dataclass

from amerce.bursar.totals import Month

_HEIGHT = 100
_BAR, _GAP, _STEP = 14, 4, 44
_LABELS = 14
"""Below the bars, for the names of the months."""
_MONTHS_LEAST = 6
"""A single month is no wide pair of bars."""


@dataclass(frozen=True)
class Bar:
    """A bar of the chart, in its own units, from the zero line up or down."""

    x: int
    y: int
    height: int


@dataclass(frozen=True)
class Column:
    """A month in the chart and in its table. ``middle`` is where its name stands."""

    month: Month
    middle: int
    exported: Bar
    paid: Bar


@dataclass(frozen=True)
class Chart:
    columns: list[Column]
    width: int
    height: int
    zero: int


def chart_of(months: Sequence[Month]) -> Chart:
    values = [each for month in months for each in (month.exported_minor, month.paid_minor)]
    highest, lowest = max([*values, 0]), min([*values, 0])
    span = highest - lowest or 1
    zero = _HEIGHT * highest // span

    def bar(x: int, minor: int) -> Bar:
        height = _HEIGHT * abs(minor) // span
        return Bar(x, zero - height if minor > 0 else zero, max(height, 1) if minor else 0)

    columns = [
        Column(
            month,
            at * _STEP + _GAP + _BAR,
            bar(at * _STEP + _GAP, month.exported_minor),
            bar(at * _STEP + 2 * _GAP + _BAR, month.paid_minor),
        )
        for at, month in enumerate(months)
    ]
    return Chart(columns, max(len(months), _MONTHS_LEAST) * _STEP, _HEIGHT + _LABELS, zero)
