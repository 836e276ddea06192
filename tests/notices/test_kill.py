"""A run of notifications killed by ``kill -9`` half way: nobody is told or charged twice, and nobody is left out."""

import signal
from collections import Counter

import pytest

from amerce.charges.models import Fee
from amerce.jobs.models import JobRun
from amerce.ledger.verify import verify
from amerce.letters.models import Letter
from amerce.notices.run import SLICE_MESSAGES
from tests.databases import ENGINE
from tests.jobs.test_kill import amerce, wait_for
from tests.notices.noticing import new_profile

pytestmark = pytest.mark.money
PATRONS = SLICE_MESSAGES[ENGINE] * 5
COMMAND = ["job", "run", "fines-fees-notifications"]


def is_half_way() -> bool:
    run = JobRun.objects.first()
    return run is not None and 0 < run.counts.get("looked_at", 0) < 2 * PATRONS


@pytest.mark.parametrize("kills", [1, 2])
def test_a_run_killed_half_way_goes_on_and_writes_each_message_once(flushable, library, kills):
    patrons = [library.new_patron(f"p{number}") for number in range(PATRONS)]
    for patron in patrons:
        library.charge(1000, patron=patron)
    new_profile(library, name="A", creates_fee=True, fee_minor=250)
    new_profile(library, name="B", minimum_minor=1000, maximum_minor=1001)

    for kill in range(kills):
        done = JobRun.objects.first().counts["looked_at"] if kill else 0
        killed = amerce(*COMMAND)
        wait_for(lambda done=done: is_half_way() and JobRun.objects.get().counts["looked_at"] > done)
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        assert JobRun.objects.get().state == "running"
    out, _err = (again := amerce(*COMMAND)).communicate()

    assert again.returncode == 0, out
    total, fees = 2 * PATRONS, PATRONS * 2.5
    assert out.splitlines()[-1] == (
        f"looked_at={total} messages={total} letters={total} told={total * 10:.2f} charged={fees:.2f}"
    )
    told = Counter((each.patron_id, each.facts["profile"]) for each in Letter.objects.only("patron_id", "facts"))
    assert set(told) == {(each.pk, name) for each in patrons for name in "AB"} and set(told.values()) == {1}
    charged = Counter(Fee.objects.filter(type__code="FINEFEENOTIFICATIONFEE").values_list("patron_id", flat=True))
    assert set(charged) == {each.pk for each in patrons} and set(charged.values()) == {1}
    assert {each.facts["total_minor"] for each in Letter.objects.only("facts")} == {1000}
    assert verify().findings == []
