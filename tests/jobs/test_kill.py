"""A worker and a command killed by ``kill -9``, as processes of their own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.models import Count, Sum

from amerce.charges.models import Fee
from amerce.circulation.models import Item, Loan
from amerce.jobs.models import JobRun
from amerce.ledger.models import PatronAccount, Transfer
from tests.databases import ENGINE
from tests.jobs.running import queue

pytestmark = pytest.mark.money

LOANS = 240 if ENGINE == "sqlite" else 2500
"""Several slices."""
AS_OF = "2024-07-15"
COMMAND = ["job", "run", "overdue-fines", "--param", f"as_of={AS_OF}"]


def database_url() -> str:
    """Where another process finds the test's own database."""
    name = connection.settings_dict["NAME"]
    if ENGINE == "sqlite":
        return f"sqlite:///{name}"
    return os.environ["AMERCE_DATABASE_URL"].replace("/postgres?", f"/{name}?")


def amerce(*arguments: str) -> "subprocess.Popen[str]":
    """The command line on the test's own database."""
    return subprocess.Popen(
        [sys.executable, "-m", "amerce.cli.main", *arguments],
        env=os.environ | {"AMERCE_DATABASE_URL": database_url()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(what: Callable[[], bool], timeout_s: float = 60) -> None:
    deadline = time.monotonic() + timeout_s
    while not what():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.005)


def lend_many(library) -> None:  # type: ignore[no-untyped-def]
    due_at = datetime(2024, 6, 30, 23, 59, 59, tzinfo=UTC)
    items = Item.objects.bulk_create(
        Item(institution=library.institution, library=library.library, title="The leopard", barcode=f"{number:014}")
        for number in range(LOANS)
    )
    Loan.objects.bulk_create(
        Loan(
            institution=library.institution,
            library=library.library,
            patron=library.patron,
            item=item,
            loaned_at=due_at,
            due_at=due_at,
        )
        for item in items
    )


def is_half_way() -> bool:
    run = JobRun.objects.first()
    return run is not None and 0 < run.counts.get("looked_at", 0) < LOANS


def assert_charged_once() -> None:
    assert Fee.objects.count() == LOANS
    assert not Fee.objects.values("loan").annotate(times=Count("pk")).filter(times__gt=1).exists()
    assert Transfer.objects.aggregate(total=Sum("amount_minor"))["total"] == LOANS * 375
    assert PatronAccount.objects.get().active_minor == LOANS * 375


def test_a_command_killed_half_way_is_ended_by_the_next_and_charges_nothing_twice(flushable, library):
    lend_many(library)
    killed = amerce(*COMMAND)
    wait_for(is_half_way)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert JobRun.objects.get().state == "running"

    out, _err = (again := amerce(*COMMAND)).communicate()

    assert again.returncode == 0
    assert out.splitlines()[-1] == f"looked_at={LOANS} made={LOANS} raised=0 total={LOANS * 3.75:.2f}"
    assert JobRun.objects.get().state == "done"
    assert_charged_once()


def test_a_run_of_a_killed_worker_is_taken_up_by_the_next_which_stops_when_told(flushable, library):
    lend_many(library)
    queue(library, "overdue-fines", as_of=AS_OF)
    killed = amerce("work")
    wait_for(is_half_way)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()

    next_worker = amerce("work")
    wait_for(lambda: JobRun.objects.get().state == "done")
    next_worker.send_signal(signal.SIGTERM)
    next_worker.communicate(timeout=20)

    assert next_worker.returncode == 0
    assert_charged_once()
