"""Staff are told when a bursar run has ended, how it went, and once."""

from datetime import timedelta

import pytest
from django.db import connection

from amerce.bursar.export_stages import CHUNK
from amerce.bursar.models import BursarImport, BursarRun
from amerce.events.deliver import deliver_next
from amerce.events.models import EventDelivery
from amerce.jobs.cancel import cancel_run
from amerce.jobs.claim import claim_run
from amerce.jobs.models import JobRun
from amerce.jobs.registry import find_job
from amerce.jobs.runner import run_slice
from amerce.letters.message import text_of
from amerce.letters.models import Letter, LetterSettings
from tests.bursar.desk import Clerk, payments
from tests.jobs.running import queue
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.money]
LATER = NOON.replace(year=2027)


@pytest.fixture(autouse=True)
def address(clerk: Clerk) -> LetterSettings:
    return LetterSettings.objects.create(institution=clerk.library.institution, staff_email="bursar@example.org")


def letters() -> list[Letter]:
    while deliver_next(now=LATER):
        pass
    return list(Letter.objects.order_by("pk"))


def lines_of(letter: Letter) -> list[str]:
    return text_of(bytes(letter.body)).splitlines()


def test_an_export_is_reported_with_its_figures(clerk: Clerk) -> None:
    clerk.desk.charge(1000)
    clerk.desk.charge(250)

    run = clerk.export(clerk.profile())

    (letter,) = letters()
    assert (letter.kind, letter.channel, letter.to, letter.patron_id) == (
        "BURSAR_RUN",
        "email",
        "bursar@example.org",
        None,
    )
    assert letter.subject == "Student SIS: 2 fees, $12.50"
    said = lines_of(letter)
    assert {
        "Export to Bursar Using Profile Student SIS",
        f"Run: {run.pk}",
        "Users: 1",
        "Fees exported: 2",
        "Total: $12.50",
        f"File {clerk.last_run().file_name}: delivered",
    } <= set(said)
    assert not any("left" in line for line in said)


def test_a_file_that_is_downloaded_waits_for_that(clerk: Clerk) -> None:
    clerk.desk.charge(1000)

    clerk.export(clerk.profile(destination="download", folder="", import_folder=""))

    (letter,) = letters()
    assert f"File {clerk.last_run().file_name}: ready to be downloaded" in lines_of(letter)


def test_an_import_is_reported_with_what_was_not_booked(clerk: Clerk) -> None:
    clerk.desk.charge(1000)
    profile = clerk.profile(imports_per_line=True)
    clerk.export(profile)
    fee = clerk.last_run().lines.get().fee
    clerk.put(profile, "paid.xml", payments((fee.bursar_transaction_id or str(fee.pk), "10.00"), ("999999", "1.00")))

    clerk.take_in(profile)

    letter = letters()[-1]
    assert letter.subject == "Student SIS: 1 fee, $10.00"
    assert {
        "Import from Bursar Using Profile Student SIS Fines and Fees",
        "Fees paid: 1",
        "Lines not booked: 1",
        "File paid.xml: imported",
        "The report of the run says what was left and why.",
    } <= set(lines_of(letter))


def test_a_check_tells_nobody_but_the_one_who_waits_for_it(clerk: Clerk) -> None:
    fee = clerk.desk.charge(1000)
    profile = clerk.profile()
    clerk.export(profile)
    clerk.put(profile, "paid.xml", payments((fee.pk, "10.00")))
    before = len(letters())

    clerk.check(profile)

    assert len(letters()) == before == 1


def test_an_import_that_goes_on_with_one_that_failed_half_way_reports_what_it_booked_itself(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a file of three lines of which the run that took it booked one
    fees = [clerk.desk.charge(amount) for amount in (1000, 200, 30)]
    profile = clerk.profile(import_effect="settle")
    clerk.export(profile)
    clerk.put(profile, "paid.xml", payments(*zip([fee.pk for fee in fees], ["10.00", "2.00", "0.30"], strict=True)))
    monkeypatch.setitem(CHUNK, connection.vendor, 1)
    first = claim_run(queue(clerk.library, "bursar-import", profile=profile.code).pk, worker="tests", now=NOON)
    assert first is not None
    while not BursarImport.objects.filter(posted_count=1).exists():
        run_slice(first, worker="tests", clock=lambda: NOON)
    JobRun.objects.filter(pk=first.pk).update(state=JobRun.State.FAILED, ended_at=NOON)

    # when
    run = clerk.take_in(profile, at=NOON + timedelta(hours=1))

    # then
    letter = letters()[-1]
    assert letter.subject == "Student SIS: 2 fees, $2.30"
    said = lines_of(letter)
    assert {"Users: 1", "Fees paid: 2", "File paid.xml: imported"} <= set(said)
    assert not any("not booked" in line or "repeated" in line for line in said)
    assert find_job(run.name).summary(run) == "files=1 booked=2 total=2.30"


def test_a_folder_without_a_file_is_nothing_to_tell(clerk: Clerk) -> None:
    clerk.take_in(clerk.profile())

    assert letters() == []


def test_a_run_that_failed_says_so_in_its_subject(clerk: Clerk) -> None:
    clerk.desk.charge(1000)
    profile = clerk.profile(destination="sftp", host="127.0.0.1", port=9, username="amerce")

    run = clerk.export(profile)

    assert run.state == JobRun.State.FAILED
    (letter,) = letters()
    assert letter.subject == "Failed: Student SIS: 1 fee, $10.00"
    said = "\n".join(lines_of(letter))
    assert f"The run failed. {run.error}" in said
    assert f"File {BursarRun.objects.get().file_name}: not finished" in said


def test_a_run_that_was_cancelled_is_reported_once_it_had_begun(clerk: Clerk) -> None:
    profile = clerk.profile()
    queued = queue(clerk.library, "bursar-export", profile=profile.code)
    cancel_run(actor=clerk.clerk, at=NOON, run_id=queued.pk)
    assert letters() == []

    begun = queue(clerk.library, "bursar-export", profile=profile.code)
    claim_run(begun.pk, worker="tests", now=NOON)
    cancel_run(actor=clerk.clerk, at=NOON, run_id=begun.pk)

    (letter,) = letters()
    assert letter.subject == "Cancelled: Student SIS: 0 fees, $0.00"


def test_a_german_institution_reports_in_german(clerk: Clerk) -> None:
    clerk.library.institution.locale = "de_DE"
    clerk.library.institution.save()
    clerk.desk.charge(1000)

    clerk.export(clerk.profile())

    (letter,) = letters()
    assert (letter.language, letter.subject) == ("de", "Student SIS: 1 Gebühr, 10,00 $")


def test_without_an_address_nothing_is_written_or_queued(clerk: Clerk, address: LetterSettings) -> None:
    address.staff_email = ""
    address.save()
    clerk.desk.charge(1000)

    clerk.export(clerk.profile())

    assert not EventDelivery.objects.filter(handler="letter.bursar_run").exists()
    assert letters() == []


def test_an_address_that_is_gone_by_then_is_not_written_to(clerk: Clerk, address: LetterSettings) -> None:
    clerk.export(clerk.profile())
    address.staff_email = ""
    address.save()

    assert letters() == []
    assert not EventDelivery.objects.filter(handler="letter.bursar_run", done_at=None).exists()
