"""A file of payments on its page: checked before it is booked, and taken in again from what is kept."""

from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from amerce.bursar.import_files import kept_file
from amerce.bursar.models import BursarImport, BursarProfile
from amerce.bursar.untaken_uploads import UNTAKEN_UPLOADS
from amerce.events.models import Event
from amerce.jobs.cancel import cancel_run
from amerce.jobs.models import JobRun
from tests.bursar.desk import Clerk, at_bursar, payments
from tests.charges.acts import Desk, state
from tests.charges.checks import nothing_written
from tests.web.test_bursar import do_runs
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def clerk(library: Library) -> Clerk:
    return Clerk(library, Desk(library))


def words(client: Client, path: str) -> str:
    return " ".join(unescape(client.get(path).content.decode()).split())


def check(client: Client, profile: BursarProfile, content: bytes) -> BursarImport:
    sent = SimpleUploadedFile("paid.xml", content, "application/xml")
    client.post(f"/bursar/profiles/{profile.pk}/import/", {"file": sent, "from": "upload", "check": "yes"})
    do_runs()
    BursarImport.objects.update(started_at=timezone.now())
    return BursarImport.objects.latest("pk")


def test_a_file_is_checked_and_then_booked_by_one_button(clerk: Clerk, sign_in: Callable[..., Client]) -> None:
    profile, (fee, other) = at_bursar(clerk, 1000, 200)
    client = sign_in("bursar_clerk")

    file = check(client, profile, payments((fee.pk, "12.00"), (other.pk, "0")))

    path = f"/bursar/files/{file.pk}/"
    page = words(client, path)
    assert (state(fee), file.state) == (("EXPORTED", "", 0), "checked")
    for said in ("Checked", "Nothing was booked.", "would be paid, with more than is open", "Book it", "By kind"):
        assert said in page
    assert "paid.xml" in words(client, "/bursar/") and "not booked yet" in words(client, "/bursar/")
    csv = b"".join(client.get(f"{path}lines.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert csv.splitlines()[0].endswith("What would become of it,Would be booked,More than is open,Undone")
    assert '"would be paid, with more than is open",10.00,2.00' in csv

    job = client.post(f"{path}booking/")["Location"]
    assert "This file is being booked." in words(client, path)
    assert client.post(f"{path}booking/")["Location"] == job
    assert "It is booked once, and this is the run." in words(client, job)
    do_runs()
    assert (state(fee), BursarImport.objects.filter(state="done").count()) == (("EXPORTED", "paid", 0), 1)
    page = words(client, path)
    assert "These payments were booked: paid.xml" in page and "Book it" not in page
    assert "not booked yet" not in words(client, "/bursar/")


def test_a_file_that_would_be_rejected_says_why_and_is_not_offered_to_be_booked(
    clerk: Clerk, sign_in: Callable[..., Client]
) -> None:
    profile, (fee,) = at_bursar(clerk, 1000)
    client = sign_in("bursar_clerk")

    file = check(client, profile, payments((fee.pk, "10.00"), ("NOBODY", "1.00")))

    page = words(client, f"/bursar/files/{file.pk}/")
    assert "1 of 2 lines cannot be booked, so nothing of the file would be." in page
    assert "unknown id" in page and "Book it" not in page
    with nothing_written():
        refused = client.post(f"/bursar/files/{file.pk}/booking/")
    assert refused.status_code == 422
    assert "paid.xml was not checked, or cannot be booked as it is" in unescape(refused.content.decode())


def test_a_check_that_was_cancelled_says_so_and_offers_nothing_to_book(
    clerk: Clerk, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("bursar_clerk")
    sent = SimpleUploadedFile("paid.xml", payments((1, "1")), "application/xml")
    path = f"/bursar/profiles/{clerk.profile().pk}/import/"
    client.post(path, {"file": sent, "from": "upload", "check": "yes"})
    cancel_run(actor=clerk.clerk, at=NOON, run_id=JobRun.objects.get().pk)
    UNTAKEN_UPLOADS.handle(Event.objects.get(name="job.cancelled"), NOON)

    page = words(client, f"/bursar/files/{clerk.last_file().pk}/")

    assert "before it began." in page and "Book it" not in page


def test_the_file_of_an_export_is_checked_unasked_and_booked_when_ticked(
    clerk: Clerk, sign_in: Callable[..., Client]
) -> None:
    profile, (fee,) = at_bursar(clerk, 1000)
    number, client = clerk.last_run().number, sign_in("bursar_clerk")

    file = check(client, profile, clerk.delivered())

    path = f"/bursar/files/{file.pk}/"
    assert f"This is the file of export {number} itself" in words(client, path)
    refused = client.post(f"{path}booking/")
    assert (refused.status_code, JobRun.objects.filter(name="bursar-import").count()) == (422, 1)
    client.post(f"{path}booking/", {"whole": str(number)})
    do_runs()
    assert state(fee) == ("EXPORTED", "paid", 0)


def test_who_only_looks_is_not_offered_to_book(clerk: Clerk, sign_in: Callable[..., Client]) -> None:
    profile, (fee,) = at_bursar(clerk, 1000)
    clerk.put(profile, "paid.xml", payments((fee.pk, "10.00")))
    clerk.check(profile)
    client = sign_in("auditor")

    page = words(client, f"/bursar/files/{clerk.last_file().pk}/")

    assert "would be paid" in page and "Book it" not in page


def test_the_run_of_an_upload_is_run_again_with_the_file_that_is_kept(
    clerk: Clerk, sign_in: Callable[..., Client]
) -> None:
    profile, (fee,) = at_bursar(clerk, 1000)
    late, client = clerk.desk.charge(200), sign_in("bursar_clerk")
    sent = SimpleUploadedFile("paid.xml", payments((fee.pk, "10"), (late.pk, "2")), "application/xml")
    job = client.post(f"/bursar/profiles/{profile.pk}/import/", {"file": sent, "from": "upload"})["Location"]
    do_runs()
    file = clerk.last_file()
    assert file.state == "rejected"
    clerk.export(profile)

    again = f"/jobs/bursar-import/start/?profile=SIS&kept={file.pk}"
    assert f'href="{again}"' in words(client, job)
    form = words(client, again)
    assert f'name="param_kept" value="{file.pk}"' in form
    client.post(again, {"param_profile": "SIS", "param_kept": str(file.pk)})
    do_runs()
    assert (clerk.last_file().state, clerk.last_file().applied_minor) == ("done", 1200)


def test_a_run_whose_file_is_not_kept_any_more_says_so_instead(clerk: Clerk, sign_in: Callable[..., Client]) -> None:
    profile, (fee,) = at_bursar(clerk, 1000)
    client = sign_in("bursar_clerk")
    file = check(client, profile, payments((fee.pk, "10")))
    assert "Run again" in words(client, f"/jobs/runs/{file.number}/")

    kept_file(file).unlink()

    page = words(client, f"/jobs/runs/{file.number}/")
    assert "Run again" not in page and "its file is not kept here any more. Upload the file anew." in page
