"""A worker killed by ``kill -9`` in the middle of a bulk waiver, and of its undo."""

import signal

import pytest
from django.db.models import F, Sum

from amerce.bulk.models import BulkWaiver, WaivedPatron
from amerce.bulk.undo import undo_bulk_waiver
from amerce.charges.models import Fee
from amerce.jobs.models import JobRun
from amerce.ledger.models import Transfer
from amerce.ledger.verify import verify
from tests.bulk.waiving import start
from tests.charges.checks import assert_books_agree
from tests.databases import ENGINE
from tests.jobs.test_kill import amerce, wait_for
from tests.world import NOON, Library

pytestmark = pytest.mark.money

PATRONS = 250 if ENGINE == "sqlite" else 900
"""Several slices."""


def kill_half_way_and_go_on(run_id: int) -> JobRun:
    def looked_at() -> int:
        return int(JobRun.objects.get(pk=run_id).counts.get("looked_at", 0))

    killed = amerce("work")
    wait_for(lambda: looked_at() > 0)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert JobRun.objects.get(pk=run_id).state == JobRun.State.RUNNING
    assert looked_at() < PATRONS
    following = amerce("work")
    wait_for(lambda: JobRun.objects.get(pk=run_id).state == JobRun.State.DONE)
    following.send_signal(signal.SIGTERM)
    following.communicate(timeout=20)
    return JobRun.objects.get(pk=run_id)


def test_a_waiver_and_its_undo_cut_off_half_way_go_on_and_do_nothing_twice(flushable, library: Library) -> None:
    for number in range(PATRONS):
        library.charge(100, patron=library.new_patron(f"p{number}"))
    waiver = start(library)
    assert waiver.run_id is not None

    ended = kill_half_way_and_go_on(waiver.run_id)

    assert (ended.counts["patrons"], ended.counts["total_minor"]) == (PATRONS, PATRONS * 100)
    assert WaivedPatron.objects.aggregate(total=Sum("amount_minor"))["total"] == PATRONS * 100
    assert Transfer.objects.filter(kind="WAIVE").count() == PATRONS
    assert not Fee.objects.exclude(waived_minor=F("original_minor")).exists()

    undoing = undo_bulk_waiver(actor=library.staff("user_manager"), at=NOON, waiver_id=waiver.pk)
    ended = kill_half_way_and_go_on(undoing.run_id)

    assert ended.counts["total_minor"] == PATRONS * 100
    assert Transfer.objects.filter(kind="CORRECTION").count() == PATRONS
    assert not Fee.objects.exclude(remaining_minor=F("original_minor")).exists()
    assert BulkWaiver.objects.get().undo_run_id == undoing.run_id
    assert_books_agree()
    assert verify(library.institution.pk).findings == []
