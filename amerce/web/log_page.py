"""A page of a list that only grows, by the number where it begins instead of by counting pages.

Why: counting a log of a million rows takes long, and counted pages move while it grows.
"""

from dataclasses import dataclass
from typing import Generic, Self, TypeVar

from django.db.models import Model, QuerySet

from amerce.web.request import StaffRequest

Row = TypeVar("Row", bound=Model)
_DIGITS_LIMIT = 18
"""More than any id has, and what a database still takes for a number."""


@dataclass(frozen=True)
class LogPage(Generic[Row]):
    """``rows`` are those to show. ``last`` is the last of them if more follow it."""

    rows: list[Row]
    last: Row | None
    is_first: bool

    @classmethod
    def of(cls, found: QuerySet[Row], size: int, begins_at: int | None) -> Self:
        """The first ``size`` of ``found``, which is narrowed by ``begins_at`` already."""
        rows = list(found[: size + 1])
        return cls(rows[:size], rows[size - 1] if len(rows) > size else None, begins_at is None)


def number_asked(request: StaffRequest, name: str) -> int | None:
    """The number in the address under ``name``; None if there is none, or what is there is none."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS_LIMIT else None
