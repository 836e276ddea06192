import time
from datetime import timedelta

import pytest
from django.db import connection

from amerce.jobs.claim import LEASE, claim, claim_run
from amerce.jobs.heartbeat import beating
from amerce.jobs.models import JobRun
from tests.jobs.running import queue
from tests.world import NOON

pytestmark = [pytest.mark.money, pytest.mark.usefixtures("flushable", "counting_jobs")]

LATER = NOON + timedelta(minutes=10)


def wait_until_renewed(run: JobRun) -> None:
    deadline = time.monotonic() + 30
    while run.lease_until != LATER + LEASE:
        assert time.monotonic() < deadline, "the lease was not renewed"
        connection.close()
        run.refresh_from_db()


def test_a_run_that_reads_for_long_is_not_taken_by_another(library):
    run = claim_run(queue(library, "look").pk, worker="one", now=NOON)

    with beating(run.pk, worker="one", clock=lambda: LATER, every_s=0.01):
        wait_until_renewed(run)
        assert claim(worker="two", now=LATER) is None

    assert claim(worker="two", now=LATER + 2 * LEASE).pk == run.pk


def test_a_run_that_went_to_another_is_not_renewed_for_it(library):
    run = claim_run(queue(library, "look").pk, worker="one", now=NOON)
    mine = claim_run(queue(library, "count").pk, worker="one", now=NOON)
    claim_run(run.pk, worker="two", now=NOON + LEASE + timedelta(seconds=1))

    with (
        beating(run.pk, worker="one", clock=lambda: LATER, every_s=0.01),
        beating(mine.pk, worker="one", clock=lambda: LATER, every_s=0.02),
    ):
        wait_until_renewed(mine)

    run.refresh_from_db()
    assert (run.worker, run.lease_until) == ("two", NOON + LEASE + timedelta(seconds=1) + LEASE)
