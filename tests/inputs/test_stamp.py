"""The stamp by which a page that is out of date is known."""

from dataclasses import dataclass
from datetime import date, time

import pytest

from amerce.inputs.errors import OutOfDate
from amerce.inputs.stamp import require_unchanged, stamp_of


@dataclass(frozen=True)
class Said:
    label: str
    lines: tuple[tuple[date, time], ...] = ()


LINES = ((date(2026, 3, 2), time(9)),)


def test_the_same_said_has_the_same_stamp():
    assert stamp_of(Said("Short", LINES)) == stamp_of(Said("Short", LINES))
    assert stamp_of({"a": 1, "b": 2}) == stamp_of({"b": 2, "a": 1})


@pytest.mark.parametrize("other", [Said("Long", LINES), Said("Short"), Said("Short", LINES * 2)])
def test_whatever_else_is_said_has_another_stamp(other):
    assert stamp_of(other) != stamp_of(Said("Short", LINES))


def test_what_changed_since_the_page_was_made_is_refused():
    stamp = stamp_of(Said("Short"))

    require_unchanged(Said("Short"), stamp)
    require_unchanged(Said("Long"), None)
    for came in (stamp, ""):
        with pytest.raises(OutOfDate):
            require_unchanged(Said("Long"), came)
