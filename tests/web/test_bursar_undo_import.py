"""Undo of an import on its page: figures before, progress meanwhile, who, when and why afterwards."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from amerce.bursar.models import BursarImport
from amerce.charges.models import Fee
from amerce.jobs.models import JobRun
from tests.bursar.desk import Clerk, payments
from tests.charges.acts import Desk, now
from tests.charges.checks import nothing_written
from tests.web.account import open_record, words
from tests.web.test_bursar import do_runs
from tests.world import Library

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def clerk(library: Library) -> Clerk:
    return Clerk(library, Desk(library))


def booked(clerk: Clerk, *sums: str) -> tuple[BursarImport, list[Fee]]:
    fees = [clerk.desk.charge(1000) for _sum in sums]
    profile = clerk.profile()
    clerk.export(profile)
    lines = zip([fee.pk for fee in fees], sums, strict=True)
    clerk.put(profile, "wrong.xml", payments(*lines, number=clerk.last_run().number))
    clerk.take_in(profile)
    return clerk.last_file(), fees


def test_an_undo_asks_first_and_says_what_would_go_and_what_stands(
    clerk: Clerk, sign_in: Callable[..., Client]
) -> None:
    file, _fees = booked(clerk, "10.00", "4.00", "12.50")
    clerk.desk.refund(clerk.desk.newest_credit(), 250)
    client = sign_in("bursar_clerk")
    assert f'href="/bursar/files/{file.pk}/undo/"' in client.get(f"/bursar/files/{file.pk}/").content.decode()

    page = client.get(f"/bursar/files/{file.pk}/undo/").content.decode()

    assert "<dt>Payments</dt><dd>2</dd>" in page and "$14.00" in page
    assert "1 payment of $10.00 stays booked, because what was paid above the fee was used meanwhile." in page
    assert "stays acknowledged" in page


def test_the_page_shows_the_progress_and_afterwards_who_when_and_why(
    clerk: Clerk, sign_in: Callable[..., Client]
) -> None:
    file, (fee, used) = booked(clerk, "10.00", "12.50")
    clerk.desk.refund(clerk.desk.newest_credit(), 250)
    client = sign_in("bursar_clerk")

    answer = client.post(f"/bursar/files/{file.pk}/undo/", {"reason": "Another term's file"})

    assert (answer.status_code, answer["Location"]) == (302, f"/bursar/files/{file.pk}/")
    page = client.get(f"/bursar/files/{file.pk}/").content.decode()
    assert "The undo begins as soon as a worker is free." in page and 'hx-trigger="every 1s"' in page
    assert "is about to begin" in client.get("/bursar/").content.decode()
    do_runs()
    page = client.get(f"/bursar/files/{file.pk}/").content.decode()
    assert "Another term&#x27;s file" in page and "Undone by" in page and "hx-trigger" not in page
    assert "1 · <span" in page.partition("<dt>Not undone</dt>")[2][:200]
    assert "not undone, what was paid above it was used meanwhile" in page
    assert (now(fee).transferred_minor, now(used).transferred_minor) == (1000, 0)
    assert f"/bursar/files/{file.pk}/undo/" not in page
    trail = client.get(f"/bursar/runs/{clerk.last_run().pk}/").content.decode()
    assert "Undid the import of wrong.xml, $10.00 taken back: Another term&#x27;s file" in trail
    run = JobRun.objects.get(name="bursar-undo-import")
    report = client.get(f"/jobs/runs/{run.pk}/").content.decode()
    assert f'<a href="/bursar/files/{file.pk}/">wrong.xml</a>' in report
    assert "$10.00 stays booked. What was paid above it was used meanwhile." in report


def test_a_page_that_waits_for_the_undo_is_read_anew_once_it_ended(
    clerk: Clerk, sign_in: Callable[..., Client]
) -> None:
    """The state above what is asked for again, and the lines below it, have changed with it."""
    file, _fees = booked(clerk, "10.00")
    client = sign_in("bursar_clerk")
    client.post(f"/bursar/files/{file.pk}/undo/", {"reason": "A test"})

    def asked() -> bool:
        return "HX-Refresh" in client.get(f"/bursar/files/{file.pk}/", headers={"HX-Request": "true"})

    assert not asked()
    do_runs()
    assert asked() and "HX-Refresh" not in client.get(f"/bursar/files/{file.pk}/")


def test_the_files_and_the_lines_for_a_spreadsheet_say_what_still_stands(
    clerk: Clerk, sign_in: Callable[..., Client]
) -> None:
    file, fees = booked(clerk, "10.00", "12.50")
    clerk.desk.refund(clerk.desk.newest_credit(), 250)
    client = sign_in("bursar_clerk")
    client.post(f"/bursar/files/{file.pk}/undo/", {"reason": "A test"})
    do_runs()

    answer = client.get(f"/bursar/files/{file.pk}/lines.csv")
    _head, gone, stands = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]

    assert gone.endswith(",undone,10.00,0.00,10.00")
    assert stands.endswith(',"not undone, what was paid above it was used meanwhile",10.00,2.50,0.00')
    narrowed = client.get(f"/bursar/files/{file.pk}/?lines=undone").content.decode()
    assert f'long-word">{fees[0].pk}<' in narrowed and f'long-word">{fees[1].pk}<' not in narrowed
    row = client.get("/bursar/files/").content.decode().partition("wrong.xml")[2]
    assert "Undone" in row and "$10.00" in row and "$20.00" not in row


def test_without_a_reason_it_stays_booked_and_the_field_says_so(clerk: Clerk, sign_in: Callable[..., Client]) -> None:
    file, _fees = booked(clerk, "10.00")
    client = sign_in("bursar_clerk")

    with nothing_written():
        answer = client.post(f"/bursar/files/{file.pk}/undo/", {"reason": " "})

    assert answer.status_code == 422
    assert "Say why: another term&#x27;s file, a test, a wrong sum." in answer.content.decode()
    assert not JobRun.objects.filter(name="bursar-undo-import").exists()


def test_an_undo_that_is_sent_twice_is_queued_once(clerk: Clerk, sign_in: Callable[..., Client]) -> None:
    file, _fees = booked(clerk, "10.00")
    client = sign_in("bursar_clerk")

    for _time in range(2):
        answer = client.post(f"/bursar/files/{file.pk}/undo/", {"reason": "A test"}, follow=True)

    assert "The undo of this import was started before." in answer.content.decode()
    assert JobRun.objects.filter(name="bursar-undo-import").count() == 1


def test_one_that_failed_is_offered_again_and_keeps_its_reason(clerk: Clerk, sign_in: Callable[..., Client]) -> None:
    file, _fees = booked(clerk, "10.00")
    client = sign_in("bursar_clerk")
    client.post(f"/bursar/files/{file.pk}/undo/", {"reason": "A test"})
    JobRun.objects.filter(name="bursar-undo-import").update(state="failed", error="The disk was full.")

    page = client.get(f"/bursar/files/{file.pk}/").content.decode()
    assert "Its undo did not end." in page and "The disk was full." in page
    assert "was to be undone, which did not end: undo it again." in client.get("/bursar/").content.decode()
    again = client.get(f"/bursar/files/{file.pk}/undo/").content.decode()
    assert '<input type="hidden" name="reason" value="A test">' in again
    client.post(f"/bursar/files/{file.pk}/undo/", {"reason": "A test"})
    do_runs()
    assert clerk.last_file().state == "undone"


def test_what_was_undone_says_that_it_cannot_be_again(clerk: Clerk, sign_in: Callable[..., Client]) -> None:
    file, _fees = booked(clerk, "10.00")
    BursarImport.objects.update(state="undone")
    client = sign_in("bursar_clerk")

    assert "It is “Undone”" in client.get(f"/bursar/files/{file.pk}/undo/").content.decode()
    with nothing_written():
        answer = client.post(f"/bursar/files/{file.pk}/undo/", {"reason": "Again"})

    assert answer.status_code == 422
    assert "It is “Undone”" in answer.content.decode()


def test_who_only_looks_is_offered_no_undo(clerk: Clerk, sign_in: Callable[..., Client]) -> None:
    file, _fees = booked(clerk, "10.00")

    page = sign_in("auditor").get(f"/bursar/files/{file.pk}/").content.decode()

    assert "Undo this import" not in page


def test_no_file_of_another_institution_is_undone(clerk: Clerk, sign_in: Callable[..., Client]) -> None:
    file, _fees = booked(clerk, "10.00")
    other = Library.new("NEXT")
    client = Client()
    client.force_login(other.new_account("theirs", "bursar_clerk"))

    with nothing_written():
        answer = client.post(f"/bursar/files/{file.pk}/undo/", {"reason": "Theirs"})

    assert (answer.status_code, clerk.last_file().state) == (404, "done")


def test_the_patrons_history_says_that_the_payment_was_taken_back(clerk: Clerk, sign_in: Callable[..., Client]) -> None:
    file, _fees = booked(clerk, "10.00")
    sign_in("bursar_clerk").post(f"/bursar/files/{file.pk}/undo/", {"reason": "A test"})
    do_runs()

    desk = open_record(sign_in, clerk.library)

    assert "Took back a payment of $10.00 received from the bursar." in words(desk.get("history/"))
