"""A run of Bulk Fine Waiving killed by ``kill -9``, and one that is cancelled in that moment.

What it tells is written with what it does: neither is lost or doubled, and what was cancelled never goes on.
"""

import os
import signal
import subprocess
import sys
from collections import Counter

import pytest
from django.db.models import Count
from django.utils import timezone

from amerce.bulk.job import SLICE_FEES
from amerce.bulk.models import BulkWaiver, WaivedPatron
from amerce.charges.models import Fee, FeeType
from amerce.events.models import Event
from amerce.jobs.cancel import cancel_run
from amerce.jobs.models import JobRun, RunEventRow
from amerce.ledger.models import Transfer
from amerce.ledger.verify import verify
from tests.bulk.waiving import start
from tests.databases import ENGINE
from tests.jobs.test_kill import amerce, database_url, wait_for

pytestmark = pytest.mark.money

PATRONS = SLICE_FEES[ENGINE] * 5 // 4
"""Two slices and a half: each patron has two fees, of which one is not waivable."""
WAIVED_MINOR = 250


@pytest.fixture
def owing(flushable, library):  # type: ignore[no-untyped-def]
    FeeType.objects.filter(code="LOCKERKEY").update(is_waivable=False)
    for number in range(PATRONS):
        patron = library.new_patron(f"p{number}")
        library.charge(WAIVED_MINOR, patron=patron)
        library.charge(100, "LOCKERKEY", patron=patron)
    return library


def die(function: str, times: int) -> None:
    """A worker that is killed when it has called ``function`` of the runner so many times."""
    command = [sys.executable, "-m", "tests.bursar.killed", "amerce.jobs.runner", function, "after", str(times), "work"]
    died = subprocess.run(command, env=os.environ | {"AMERCE_DATABASE_URL": database_url()}, check=False)
    assert died.returncode == -signal.SIGKILL


def work_until_ended(run_id: int | None) -> JobRun:
    worker = amerce("work")
    wait_for(lambda: JobRun.objects.get(pk=run_id).has_ended)
    worker.send_signal(signal.SIGTERM)
    worker.communicate(timeout=20)
    assert worker.returncode == 0
    return JobRun.objects.get(pk=run_id)


def assert_told_as_done(run: JobRun, patrons: int) -> None:
    """What the run counts, what it tells and what it did are of the same ``patrons``, once each."""
    told = list(RunEventRow.objects.filter(run=run).order_by("number"))
    assert [each.number for each in told] == list(range(1, patrons + 1))
    assert max(Counter(each.data["patron_id"] for each in told).values()) == 1
    assert (run.event_count, run.warning_count, run.error_count) == (patrons, patrons, 0)
    assert run.counts == {
        "looked_at": patrons, "patrons": patrons, "fees": patrons, "skipped": patrons,
        "total_minor": patrons * WAIVED_MINOR,
    }  # fmt: skip
    kept = WaivedPatron.objects.filter(waiver=BulkWaiver.objects.get(run=run))
    assert set(kept.values_list("patron_id", flat=True)) == {each.data["patron_id"] for each in told}


def assert_waived_once(patrons: int) -> None:
    waived = Transfer.objects.filter(kind="WAIVE")
    assert waived.count() == patrons
    assert not waived.values("fee").annotate(times=Count("pk")).filter(times__gt=1).exists()
    assert Fee.objects.filter(closed_as="waived").count() == patrons
    assert Event.objects.filter(name="fee.waived").count() == patrons
    assert verify().findings == []


@pytest.mark.parametrize("function", ["tell", "_do_slice"])  # before the slice is committed, and after it
def test_a_run_that_was_killed_goes_on_and_tells_everything_once(owing, function):
    waiver = start(owing)
    die(function, 2)
    assert JobRun.objects.get().state == "running"

    ended = work_until_ended(waiver.run_id)

    assert ended.state == "done"
    assert_told_as_done(ended, PATRONS)
    assert_waived_once(PATRONS)


@pytest.mark.parametrize(("function", "slices"), [("tell", 1), ("_do_slice", 2)])
def test_a_run_that_is_cancelled_when_its_worker_was_killed_never_goes_on(owing, function, slices):
    waiver = start(owing)
    die(function, 2)
    done = JobRun.objects.get().counts["looked_at"]
    assert done == slices * (SLICE_FEES[ENGINE] // 2)

    cancelled = cancel_run(actor=owing.staff("user_manager"), at=timezone.now(), run_id=waiver.run_id or 0)
    following = work_until_ended(start(owing).run_id)

    stopped = JobRun.objects.get(pk=waiver.run_id)
    assert (stopped.state, cancelled.looked_at, cancelled.expected) == ("cancelled", done, PATRONS)
    assert_told_as_done(stopped, done)
    assert (following.state, following.counts["fees"]) == ("done", PATRONS - done)
    assert_waived_once(PATRONS)


def test_a_run_that_is_cancelled_under_a_worker_which_is_killed_at_once_keeps_whole_slices(owing):
    waiver = start(owing)
    worker = amerce("work")
    wait_for(lambda: "looked_at" in JobRun.objects.get().counts)

    cancelled = cancel_run(actor=owing.staff("user_manager"), at=timezone.now(), run_id=waiver.run_id or 0)
    worker.send_signal(signal.SIGKILL)
    worker.communicate()

    stopped = JobRun.objects.get()
    assert (stopped.state, stopped.counts["looked_at"]) == ("cancelled", cancelled.looked_at)
    assert 0 < cancelled.looked_at < PATRONS
    assert_told_as_done(stopped, cancelled.looked_at)
    assert_waived_once(cancelled.looked_at)
