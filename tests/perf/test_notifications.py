"""The bench's run of notifications does what a library's does, and says how it went."""

import pytest

from amerce.charges.models import Fee
from amerce.letters.models import Letter
from amerce.perf.ground import lay_ground
from amerce.perf.notifications import notify_all, owe

pytestmark = [pytest.mark.django_db, pytest.mark.money, pytest.mark.usefixtures("flushable")]


def test_everybody_who_owes_is_told_once_and_charged() -> None:
    # given
    ground = lay_ground(patrons=1)
    owe(ground, 10)

    # when
    seen: list[int] = []
    found = notify_all(ground, seen.append)

    # then
    assert (found.letters, found.timed.slices, seen) == (10, 1, [10])
    assert {each.facts["total_minor"] for each in Letter.objects.all()} == {1500}
    assert Fee.objects.filter(type__code="FINEFEENOTIFICATIONFEE", remaining_minor=250).count() == 10
    assert 0 < found.timed.median_locked_ms <= found.timed.longest_locked_ms < found.timed.taken_s * 1000
    assert 0 < found.timed.first_memory_mib <= found.timed.peak_memory_mib
    assert found.selection_s > 0 and found.timed.processor_s > 0
