"""An export, an import and its undo killed at their steps and run again: file and ledger agree, nothing is twice."""

import os
import signal
import subprocess
import sys

import pytest
from django.conf import settings as django_settings
from django.db import connection

from amerce.bursar.models import BursarImport, BursarRun
from amerce.bursar.places import exchange
from amerce.charges.models import Fee
from amerce.ledger.models import PatronAccount, Transfer
from amerce.ledger.verify import verify
from tests.bursar.desk import Clerk
from tests.bursar.test_export_job import many_fees, sums
from tests.charges.acts import Desk
from tests.databases import ENGINE
from tests.flows.machine import SOAK
from tests.world import Library

pytestmark = pytest.mark.money

FEES = 200 if ENGINE == "sqlite" else 1200
"""Several chunks."""


def amerce(module: str, *arguments: str) -> int:
    """The command line on the test's own database and folder; its exit code."""
    name = connection.settings_dict["NAME"]
    url = (
        f"sqlite:///{name}"
        if ENGINE == "sqlite"
        else os.environ["AMERCE_DATABASE_URL"].replace("/postgres?", f"/{name}?")
    )
    places = {"AMERCE_DATABASE_URL": url, "AMERCE_DATA_DIR": str(django_settings.DATA_DIR)}
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], env=os.environ | places, capture_output=True, check=False
    )
    if done.returncode not in (0, -signal.SIGKILL):
        raise AssertionError(done.stderr.decode())
    return done.returncode


@pytest.fixture
def busy(flushable) -> Clerk:  # type: ignore[no-untyped-def]
    library = Library.new("MAIN")
    clerk = Clerk(library, Desk(library))
    many_fees(clerk, FEES)
    return clerk


EXPORT_STEPS = [
    ("amerce.bursar.export_stages", "open_run", "after", 1),
    ("amerce.bursar.export_stages", "select", "after", 1),
    ("amerce.bursar.export_stages", "export_chunk", "before", 1),
    ("amerce.bursar.export_stages", "export_chunk", "after", 2),
    ("amerce.bursar.export_stages", "write_file", "before", 1),
    ("amerce.bursar.write_file", "write_rows", "after", 1),
    ("amerce.bursar.export_stages", "make_file", "after", 1),
    ("amerce.bursar.export_stages", "seal_file", "after", 1),
    ("amerce.bursar.export_stages", "begin_delivery", "after", 1),
    ("amerce.bursar.export_job", "deliver", "before", 1),
    ("amerce.bursar.export_job", "deliver", "after", 1),
    ("amerce.bursar.export_stages", "end_delivery", "after", 1),
]


SAMPLE = {
    ("export_chunk", "after"), ("make_file", "after"), ("begin_delivery", "after"), ("deliver", "after"),
    ("book_chunk", "after"), ("put_away", "before"), ("take_back_payments", "after"),
}  # fmt: skip
"""The steps of every day; ``AMERCE_SOAK=1`` kills at every one."""


def steps(*every: tuple[str, str, str, int]) -> list[tuple[str, str, str, int]]:
    return [each for each in every if SOAK or (each[1], each[2]) in SAMPLE]


@pytest.mark.parametrize(("module", "function", "when", "times"), steps(*EXPORT_STEPS))
def test_an_export_that_was_killed_is_ended_by_the_next(
    busy: Clerk, module: str, function: str, when: str, times: int
) -> None:
    busy.profile()
    command = ["job", "run", "bursar-export", "--param", "profile=SIS"]

    assert amerce("tests.bursar.killed", module, function, when, str(times), *command) == -signal.SIGKILL
    assert amerce("amerce.cli.main", *command) == 0

    run = BursarRun.objects.get()
    exported = Transfer.objects.filter(kind="EXPORTED_AND_PAID")
    assert (run.state, run.file_count, run.posted_count) == ("delivered", FEES, FEES)
    assert (exported.count(), exported.values("fee").distinct().count()) == (FEES, FEES)
    (delivered,) = exchange(run.profile, "sis").glob("*.xml")
    written = sums(delivered.read_bytes())
    assert (len(written), sum(round(float(each) * 100) for each in written)) == (FEES, run.posted_minor)
    assert not Fee.objects.exclude(status="EXPORTED").exists()
    assert verify().findings == []


IMPORT_STEPS = [
    ("amerce.bursar.deliver", "fetch", "after", 1),
    ("amerce.bursar.import_stages", "begin_import", "after", 1),
    ("amerce.bursar.import_job", "read_file", "after", 1),
    ("amerce.bursar.import_stages", "match", "after", 1),
    ("amerce.bursar.import_stages", "book_chunk", "before", 1),
    ("amerce.bursar.import_stages", "book_chunk", "after", 2),
    ("amerce.bursar.import_stages", "end_import", "after", 1),
    ("amerce.bursar.deliver", "put_away", "before", 1),
    ("amerce.bursar.deliver", "put_away", "after", 1),
]


@pytest.mark.parametrize(("module", "function", "when", "times"), steps(*IMPORT_STEPS))
def test_an_import_that_was_killed_is_ended_by_the_next(
    busy: Clerk, module: str, function: str, when: str, times: int
) -> None:
    profile = busy.profile()
    busy.export(profile)
    busy.put(profile, "back.xml", busy.delivered())
    command = ["job", "run", "bursar-import", "--param", "profile=SIS"]

    assert amerce("tests.bursar.killed", module, function, when, str(times), *command) == -signal.SIGKILL
    assert amerce("amerce.cli.main", *command) == 0

    received = Transfer.objects.filter(kind="PAYMENT_RECEIVED")
    assert (received.count(), received.values("fee").distinct().count()) == (FEES, FEES)
    assert BursarImport.objects.filter(state="done").count() == 1
    assert not PatronAccount.objects.exclude(transferred_minor=0).exists()
    assert not Fee.objects.exclude(status="EXPORTED", closed_as="paid").exists()
    assert verify().findings == []


UNDO_STEPS = [
    ("amerce.cli.bursar_undo", "begin_undo_import", "after", 1),
    ("amerce.bursar.undo_import_job", "take_back_payments", "before", 1),
    ("amerce.bursar.undo_import_job", "take_back_payments", "after", 2),
    ("amerce.jobs.runner", "pause_between_slices", "before", 2),
]


@pytest.mark.parametrize(("module", "function", "when", "times"), steps(*UNDO_STEPS))
def test_an_undo_of_an_import_that_was_killed_goes_on_and_takes_nothing_back_twice(
    busy: Clerk, module: str, function: str, when: str, times: int
) -> None:
    profile = busy.profile()
    busy.export(profile)
    busy.put(profile, "wrong.xml", busy.delivered())
    busy.take_in(profile)
    command = ["bursar", "undo-import", str(busy.last_file().pk), "--reason", "Another term's file"]

    assert amerce("tests.bursar.killed", module, function, when, str(times), *command) == -signal.SIGKILL
    assert amerce("amerce.cli.main", *command) == 0

    taken_back = Transfer.objects.filter(kind="CORRECTION")
    assert (taken_back.count(), taken_back.values("corrects").distinct().count()) == (FEES, FEES)
    assert (busy.last_file().state, busy.last_file().undone_count) == ("undone", FEES)
    assert not Fee.objects.filter(original_minor__gt=0, transferred_minor=0).exists()
    assert not Fee.objects.filter(original_minor__lt=0).exclude(status="CLOSED", closed_as="corrected").exists()
    assert verify().findings == []
