"""The bursar's pages: started, uploaded, downloaded, undone, and what they show."""

import os
from collections.abc import Callable
from errno import ENOSPC
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from lxml import html

from amerce.bursar.models import BursarProfile, BursarRun
from amerce.events.models import Event
from amerce.jobs.cancel import cancel_run
from amerce.jobs.claim import claim_run
from amerce.jobs.models import JobRun
from amerce.jobs.runner import run_to_end
from tests.bursar.desk import Clerk, payments
from tests.charges.acts import Desk, state
from tests.web.stamped import send
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def clerk(library: Library) -> Clerk:
    return Clerk(library, Desk(library))


def do_runs() -> None:
    for queued in JobRun.objects.filter(state="queued").order_by("pk"):
        run = claim_run(queued.pk, worker="tests", now=NOON)
        assert run is not None
        run_to_end(run, worker="tests", clock=lambda: NOON)


def test_a_clerk_exports_downloads_and_imports(clerk: Clerk, sign_in: Callable[..., Client]) -> None:
    fee = clerk.desk.charge(1000)
    profile = clerk.profile(destination="download", folder="")
    client = sign_in("bursar_clerk")

    job = client.post(f"/bursar/profiles/{profile.pk}/export/")["Location"]
    do_runs()
    run = BursarRun.objects.get()
    assert f'<a href="/bursar/runs/{run.pk}/">Export {run.number}</a>' in client.get(job).content.decode()
    page = client.get(f"/bursar/runs/{run.pk}/").content.decode()
    assert "Download, which delivers it" in page and run.file_sha256 in page and "$10.00" in page
    first = b"".join(client.post(f"/bursar/runs/{run.pk}/file/").streaming_content)  # type: ignore[attr-defined]
    again = b"".join(client.post(f"/bursar/runs/{run.pk}/file/").streaming_content)  # type: ignore[attr-defined]
    assert first == again
    assert client.post(f"/bursar/runs/{run.pk}/acknowledgement/").status_code == 302

    sent = SimpleUploadedFile("paid.xml", payments((fee.pk, "10")), "application/xml")
    job = client.post(f"/bursar/profiles/{profile.pk}/import/", {"file": sent, "from": "upload"})["Location"]
    do_runs()
    assert f'<a href="/bursar/files/{clerk.last_file().pk}/">paid.xml</a>' in client.get(job).content.decode()
    assert state(fee) == ("EXPORTED", "paid", 0)
    overview = client.get("/bursar/").content.decode()
    assert "paid.xml" in overview and "Acknowledged" in overview
    lines = client.get(f"/bursar/files/{clerk.last_file().pk}/").content.decode()
    assert str(fee.pk) in lines and "paid" in lines


def test_export_now_pressed_again_leads_to_the_run_that_is_there(clerk: Clerk, sign_in: Callable[..., Client]) -> None:
    clerk.desk.charge(1000)
    path, client = f"/bursar/profiles/{clerk.profile().pk}/export/", sign_in("bursar_clerk")

    first, again = client.post(path, follow=True), client.post(path, follow=True)

    said = "This was asked for before and has not ended, so nothing was begun now. This is that run."
    assert first.redirect_chain == again.redirect_chain
    assert said not in first.content.decode() and said in again.content.decode()
    start = "/jobs/bursar-export/start/"
    assert said in client.post(start, {"param_profile": "SIS"}, follow=True).content.decode()
    assert JobRun.objects.count() == 1
    do_runs()
    assert BursarRun.objects.get().posted_count == 1


def test_an_undo_asks_first(clerk: Clerk, sign_in: Callable[..., Client]) -> None:
    fee = clerk.desk.charge(1000)
    clerk.export(clerk.profile(destination="download", folder=""))
    run, client = clerk.last_run(), sign_in("bursar_clerk")

    assert "1 fee of $10.00 is owed here again" in client.get(f"/bursar/runs/{run.pk}/undo/").content.decode()
    client.post(f"/bursar/runs/{run.pk}/undo/")
    do_runs()

    assert (state(fee), clerk.last_run().state) == (("ACTIVE", "", 1000), "undone")


def test_an_undo_that_was_cancelled_before_it_began_is_offered_again(
    clerk: Clerk, sign_in: Callable[..., Client]
) -> None:
    fee = clerk.desk.charge(1000)
    clerk.export(clerk.profile(destination="download", folder=""))
    run, client = clerk.last_run(), sign_in("bursar_clerk")
    client.post(f"/bursar/runs/{run.pk}/undo/")
    assert "Undo this run" not in client.get(f"/bursar/runs/{run.pk}/").content.decode()
    cancel_run(actor=clerk.clerk, at=NOON, run_id=JobRun.objects.get(name="bursar-undo").pk)

    assert "Undo this run" in client.get(f"/bursar/runs/{run.pk}/").content.decode()
    assert "1 fee of $10.00 is owed here again" in client.get(f"/bursar/runs/{run.pk}/undo/").content.decode()
    client.post(f"/bursar/runs/{run.pk}/undo/")
    do_runs()

    assert (state(fee), clerk.last_run().state) == (("ACTIVE", "", 1000), "undone")


def test_an_undo_that_is_sent_twice_is_queued_once(clerk: Clerk, sign_in: Callable[..., Client]) -> None:
    clerk.desk.charge(1000)
    clerk.export(clerk.profile(destination="download", folder=""))
    client, path = sign_in("bursar_clerk"), f"/bursar/runs/{clerk.last_run().pk}/undo/"

    first, second = client.post(path), client.post(path)

    assert first["Location"] == second["Location"]
    assert JobRun.objects.filter(name="bursar-undo").count() == 1


def test_what_was_delivered_says_that_it_cannot_be_undone(clerk: Clerk, sign_in: Callable[..., Client]) -> None:
    clerk.desk.charge(1000)
    clerk.export(clerk.profile())

    answer = sign_in("bursar_clerk").post(f"/bursar/runs/{clerk.last_run().pk}/undo/")

    assert answer.status_code == 422
    assert "is “Delivered” by now" in answer.content.decode()


@pytest.mark.parametrize("run_state", ["made", "delivering"])
def test_what_has_the_focus_keeps_it_while_the_page_of_an_export_asks_how_it_stands(
    clerk: Clerk, sign_in: Callable[..., Client], run_state: str
) -> None:
    """By its id it is found again in what takes the place of the old."""
    clerk.desk.charge(1000)
    clerk.export(clerk.profile(destination="download", folder=""))
    BursarRun.objects.update(state=run_state)

    page = html.fromstring(sign_in("bursar_clerk").get(f"/bursar/runs/{clerk.last_run().pk}/").content)

    (head,) = page.xpath("//*[@id='run-head'][@hx-get]")
    assert head.get("hx-select-oob") == "#run-state" and page.xpath("//h1/*[@id='run-state']")
    ids = [each.get("id") for each in head.xpath(".//a | .//button")]
    assert len(ids) == 2 and all(ids)


@pytest.mark.parametrize(
    ("run_state", "sentence"),
    [
        ("delivering", "the bursar may have the file"),
        ("delivered", "It was delivered"),
        ("acknowledged", "It was delivered"),
        ("empty", "Nothing was exported"),
        ("undone", "It was undone already"),
    ],
)
def test_the_page_of_an_undo_says_why_there_is_none(
    clerk: Clerk, sign_in: Callable[..., Client], run_state: str, sentence: str
) -> None:
    clerk.desk.charge(1000)
    clerk.export(clerk.profile())
    BursarRun.objects.update(state=run_state)

    page = sign_in("bursar_clerk").get(f"/bursar/runs/{clerk.last_run().pk}/undo/").content.decode()

    assert sentence in page and "owed here again" not in page


def test_what_was_closed_on_export_and_how_long_the_rest_is_there_is_said(
    clerk: Clerk, sign_in: Callable[..., Client]
) -> None:
    clerk.desk.charge(1000)
    clerk.export(clerk.profile(imports=False))
    client = sign_in("bursar_clerk")

    overview = client.get("/bursar/").content.decode()
    run = client.get(f"/bursar/runs/{clerk.last_run().pk}/").content.decode()

    assert "<dt>Closed on export</dt>" in overview
    for age in ("up to 30 days", "31 to 90 days", "91 to 180 days", "181 to 365 days", "366 days and more"):
        assert f">{age}<" in overview
    assert "What it exported was closed with that" in run
    assert f"{clerk.last_run().file_name}, 1,{clerk.last_run().file_bytes % 1000:03} bytes" in run


def test_the_file_of_an_export_itself_is_imported_only_when_the_clerk_says_that_all_was_paid(
    clerk: Clerk, sign_in: Callable[..., Client]
) -> None:
    fee, profile = clerk.desk.charge(1000), clerk.profile()
    clerk.export(profile)
    content, number = clerk.delivered(), clerk.last_run().number
    path, client = f"/bursar/profiles/{profile.pk}/import/", sign_in("bursar_clerk")

    def send_export(**more: str) -> str:
        sent = SimpleUploadedFile("paid.xml", content, "application/xml")
        return client.post(path, {"file": sent, "from": "upload", **more}, follow=True).content.decode()

    page = send_export()
    assert f"This is the file of export {number} itself" in page
    assert f'name="whole" value="{number}"' in page
    assert not JobRun.objects.filter(name="bursar-import").exists() and state(fee) == ("EXPORTED", "", 0)
    assert "itself" in send_export(whole=str(number + 1))

    send_export(whole=str(number))
    do_runs()
    assert state(fee) == ("EXPORTED", "paid", 0)


def test_an_upload_for_which_the_disk_has_no_room_is_told(
    clerk: Clerk, sign_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(ENOSPC, "No space left on device")

    profile, client, sent = clerk.profile(), sign_in("bursar_clerk"), SimpleUploadedFile("paid.xml", b"a")
    monkeypatch.setattr(os, "fsync", full)

    page = client.post(f"/bursar/profiles/{profile.pk}/import/", {"file": sent, "from": "upload"}, follow=True)

    assert "The file could not be kept here: No space left on device." in page.content.decode()


def test_without_a_file_nothing_is_imported(clerk: Clerk, sign_in: Callable[..., Client]) -> None:
    profile = clerk.profile()

    page = sign_in("bursar_clerk").post(f"/bursar/profiles/{profile.pk}/import/", {"from": "upload"}, follow=True)

    assert "Choose a file first." in page.content.decode()
    assert not JobRun.objects.exists()


def test_a_file_whose_import_is_refused_is_not_kept(
    clerk: Clerk, sign_in: Callable[..., Client], tmp_path: Path
) -> None:
    profile = clerk.profile(imports=False)
    sent = SimpleUploadedFile("paid.xml", payments((1, "10")), "application/xml")

    page = sign_in("bursar_clerk").post(
        f"/bursar/profiles/{profile.pk}/import/", {"file": sent, "from": "upload"}, follow=True
    )

    assert "import is switched off" in page.content.decode()
    assert not JobRun.objects.exists()
    assert list(tmp_path.rglob("*paid.xml")) == []


def test_a_profile_that_takes_no_answers_shows_no_place_for_them(clerk: Clerk, sign_in: Callable[..., Client]) -> None:
    answered, silent = clerk.profile(), clerk.profile("GONE", imports=False)
    client = sign_in("bursar_clerk")

    assert "Files of payments" in client.get(f"/bursar/profiles/{answered.pk}/").content.decode()
    page = client.get(f"/bursar/profiles/{silent.pk}/").content.decode()
    assert "Files of payments" not in page and "How long it is at the bursar" not in page


def test_who_only_looks_is_offered_nothing_to_do(clerk: Clerk, sign_in: Callable[..., Client]) -> None:
    clerk.desk.charge(1000)
    profile = clerk.profile()
    clerk.export(profile)
    client = sign_in("auditor")

    for path in ("/bursar/", f"/bursar/profiles/{profile.pk}/", f"/bursar/runs/{clerk.last_run().pk}/"):
        page = client.get(path).content.decode()
        assert "Export now" not in page and "Acknowledge</button>" not in page


def test_a_profile_is_made_on_its_page_and_keeps_what_was_typed_when_refused(
    library: Library, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("user_administrator")
    typed = {
        "code": "SIS", "name": "Student accounts", "exports": "on", "rows": "debits", "min_age_days": "7",
        "min_amount_minor": ".45", "min_basis": "fee", "destination": "folder", "folder": "../out", "port": "22",
        "sign_in": "password", "import_effect": "credit",
    }  # fmt: skip

    refused = client.post("/configuration/bursar-profiles/new/", typed)
    assert refused.status_code == 422 and 'value=".45"' in refused.content.decode()
    refused = client.post("/configuration/bursar-profiles/new/", {**typed, "min_amount_minor": "0.45"})
    assert "Plain names with / between them" in refused.content.decode()
    assert not BursarProfile.objects.exists()

    made = {**typed, "min_amount_minor": "0.45", "folder": "out", "secret": "harbour-lantern"}
    page = client.post("/configuration/bursar-profiles/new/", made, follow=True).content.decode()
    assert "Added: Student accounts." in page and "harbour-lantern" not in page
    assert BursarProfile.objects.get().min_amount_minor == 45


def test_a_profile_that_is_saved_as_it_was_says_so(clerk: Clerk, sign_in: Callable[..., Client]) -> None:
    profile = clerk.profile()
    path, client = f"/configuration/bursar-profiles/{profile.pk}/", sign_in("user_administrator")
    typed = {
        "code": "SIS", "name": "Student SIS", "exports": "on", "imports": "on", "institution_owned": "on",
        "rows": "debits", "min_age_days": "0", "min_amount_minor": "0", "min_basis": "fee", "writes_zone": "on",
        "destination": "folder", "folder": "sis", "import_folder": "sis/in", "port": "22", "sign_in": "password",
        "import_effect": "credit",
    }  # fmt: skip

    same = send(client, path, typed, follow=True).content.decode()
    profile.refresh_from_db()
    assert "All of this was set before. Nothing was changed." in same
    assert (profile.updated_at, Event.objects.filter(name="bursar_profile.changed").count()) == (NOON, 1)

    other = send(client, path, {**typed, "name": "Registrar"}, follow=True).content.decode()
    assert "Saved: Registrar." in other


def test_the_connection_is_tested_by_what_was_typed_and_the_folder_of_imports_with_it(
    clerk: Clerk, sign_in: Callable[..., Client]
) -> None:
    profile = clerk.profile()
    clerk.put(profile, "paid.xml", payments((1, "10")))
    path, client = f"/configuration/bursar-profiles/{profile.pk}/", sign_in("user_administrator")
    typed = {
        "code": "SIS", "name": "Student SIS", "exports": "on", "imports": "on", "rows": "debits",
        "min_age_days": "0", "min_amount_minor": "0", "min_basis": "fee", "destination": "folder",
        "folder": "elsewhere", "import_folder": "sis/in", "port": "22", "sign_in": "password",
        "import_effect": "credit", "then": "test",
    }  # fmt: skip

    page = send(client, path, typed, follow=True).content.decode()

    assert "Saved: Student SIS." in page
    assert "elsewhere was reached, and a file can be written there." in page
    assert "Files that wait in the folder for imports, sis/in: 1." in page


def test_a_profile_says_what_it_exports_and_when_to_who_may_not_change_it(
    clerk: Clerk, sign_in: Callable[..., Client]
) -> None:
    profile = clerk.profile(fee_types=("LOCKERKEY",), min_amount_minor=500)
    client = sign_in("bursar_clerk")
    typed = {"kind": "daily", "time": "03:00", "param_profile": "SIS", "is_enabled": "on"}

    saved = client.post("/configuration/fulfillment-jobs/bursar-export/new/?profile=SIS", typed)

    assert saved["Location"] == "/jobs/?tab=scheduled"
    page = client.get(f"/bursar/profiles/{profile.pk}/").content.decode()
    said = page[page.index('id="about-title"') :]
    assert "Locker key" in said and "$5.00" in said and "Every day at 3:00" in said
    assert client.get(f"/configuration/bursar-profiles/{profile.pk}/").status_code == 403


def test_no_run_of_another_institution_is_shown(
    clerk: Clerk, other_library: Library, sign_in: Callable[..., Client]
) -> None:
    theirs = Clerk(other_library, Desk(other_library))
    theirs.desk.charge(1000)
    theirs.export(theirs.profile())
    client = sign_in("bursar_clerk")

    assert client.get(f"/bursar/runs/{theirs.last_run().pk}/").status_code == 404
    assert "Student SIS" not in client.get("/bursar/").content.decode()


def test_a_run_shows_the_lines_that_could_not_be_booked_in_files_that_name_it(
    clerk: Clerk, sign_in: Callable[..., Client]
) -> None:
    fee = clerk.desk.charge(1000)
    profile = clerk.profile()
    clerk.export(profile)
    run = clerk.last_run()
    clerk.put(profile, "of-this.xml", payments((fee.pk, "10.00"), ("NOBODY-1", "1.00"), number=run.number))
    clerk.take_in(profile)
    clerk.put(profile, "of-another.xml", payments(("NOBODY-2", "1.00"), number=run.number + 1))
    clerk.take_in(profile)

    page = sign_in("bursar_clerk").get(f"/bursar/runs/{run.pk}/").content.decode()

    assert "Unmatched lines" in page and "NOBODY-1" in page and "unknown id" in page
    assert "NOBODY-2" not in page
