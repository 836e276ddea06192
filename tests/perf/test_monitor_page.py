"""The bench's visit to Monitor Jobs sees as many runs as it says, at as few queries."""

import re

import pytest

from amerce.jobs.models import JobRun
from amerce.perf.ground import lay_ground
from amerce.perf.monitor_page import MANY, TABS, remarks

pytestmark = pytest.mark.django_db


def test_each_tab_asks_as_much_with_ten_thousand_runs_as_with_ten() -> None:
    said = list(remarks(lay_ground(patrons=1)))

    assert JobRun.objects.count() == MANY
    for tab, sentence in zip(TABS, said, strict=True):
        found = re.fullmatch(rf"Monitor Jobs, {tab}, with 10,000 runs: (\d) queries \((\d) with 10\), \d+ ms", sentence)
        assert found is not None and found[1] == found[2]
