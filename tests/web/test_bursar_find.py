"""Finding again at the bursar: by transaction id, number and file, by days; and what is told of an export."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from amerce.bursar.models import BursarLine, BursarProfile, BursarRun
from amerce.charges.models import Fee
from amerce.jobs.models import JobRun
from tests.bursar.desk import Clerk, payments
from tests.charges.acts import Desk
from tests.jobs.running import queue
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def clerk(library: Library) -> Clerk:
    return Clerk(library, Desk(library))


@pytest.fixture
def client(sign_in: Callable[..., Client]) -> Client:
    return sign_in("bursar_clerk")


def table(response: Any) -> list[list[str]]:
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content)))


def exported(clerk: Clerk, *amounts: int) -> list[Fee]:
    fees = [clerk.desk.charge(amount) for amount in amounts]
    clerk.export(clerk.profile())
    return fees


def test_a_transaction_id_finds_its_fee_its_export_and_its_payments(clerk: Clerk, client: Client) -> None:
    (fee,) = exported(clerk, 1000)
    Fee.objects.filter(pk=fee.pk).update(bursar_transaction_id="ABC0001")
    profile = clerk.last_run().profile
    clerk.put(profile, "paid.xml", payments(("ABC0001", "4.00"), number=clerk.last_run().number))
    clerk.take_in(profile)

    page = client.get("/bursar/find/", {"q": " abc0001 "}).content.decode()

    assert "Doe, Jane" in page and "paid.xml" in page and "paid in part" in page
    assert "$10.00" in page and "$4.00" in page and "$6.00" in page
    assert f'href="/bursar/runs/{clerk.last_run().pk}/"' in page


def test_an_id_that_no_fee_has_finds_the_line_that_named_it(clerk: Clerk, client: Client) -> None:
    profile = clerk.profile()
    clerk.put(profile, "odd.xml", payments(("NOBODY-1", "4.00")))
    clerk.take_in(profile)

    page = client.get("/bursar/find/", {"q": "NOBODY-1"}).content.decode()

    assert "odd.xml" in page and "unknown id" in page and "Exported fees" not in page


def test_the_number_of_an_export_or_the_name_of_its_file_opens_it(clerk: Clerk, client: Client) -> None:
    exported(clerk, 1000)
    run = clerk.last_run()
    BursarLine.objects.update(reason="")
    Fee.objects.update(bursar_transaction_id="ABC1")  # no fee has the number of the export for its internal id

    for text in (str(run.number), run.file_name.upper()):
        answer = client.get("/bursar/find/", {"q": text})
        assert (answer.status_code, answer["Location"]) == (302, f"/bursar/runs/{run.pk}/")


@pytest.mark.parametrize("text", ["", "nothing of the kind", "9" * 40, "\0", "\ud800"])
def test_what_is_not_there_is_said_to_be_not_there(clerk: Clerk, client: Client, text: str) -> None:
    exported(clerk, 1000)

    answer = client.get("/bursar/find/", {"q": text.encode("utf-8", "surrogatepass")})

    assert answer.status_code == 200
    assert ("Nothing found" if text else "Nothing asked yet") in answer.content.decode()


def test_a_line_leads_into_the_account_of_its_patron(clerk: Clerk, client: Client) -> None:
    (fee,) = exported(clerk, 1000)
    Fee.objects.filter(pk=fee.pk).update(bursar_transaction_id="ABC0001")

    answer = client.post(f"/bursar/fees/{fee.pk}/", follow=True)

    assert answer.redirect_chain[-1][0] == f"/patrons/{fee.patron_id}/fees/?status=all&q=ABC0001"
    assert answer.status_code == 200 and "ABC0001" in answer.content.decode()


def test_a_fee_that_was_never_at_the_bursar_opens_nobody(clerk: Clerk, client: Client) -> None:
    fee = clerk.desk.charge(1000)

    assert client.post(f"/bursar/fees/{fee.pk}/").status_code == 404
    assert client.get(f"/patrons/{fee.patron_id}/fees/").status_code == 302


def test_nothing_of_another_institution_is_found(clerk: Clerk, other_library: Library, client: Client) -> None:
    theirs = Clerk(other_library, Desk(other_library))
    (fee,) = exported(theirs, 1000)
    run = theirs.last_run()
    Fee.objects.filter(pk=fee.pk).update(bursar_transaction_id="ABC0001")

    for text in ("ABC0001", str(run.number), run.file_name):
        assert "Nothing found" in client.get("/bursar/find/", {"q": text}).content.decode()
    assert client.post(f"/bursar/fees/{fee.pk}/").status_code == 404
    assert table(client.get("/bursar/reconciliation.csv"))[1:] == []


def test_exports_are_found_by_their_days_and_state(clerk: Clerk, client: Client) -> None:
    profile = clerk.profile()
    clerk.desk.charge(1000)
    clerk.export(profile)
    clerk.desk.charge(1000)
    clerk.export(clerk.profile("IDS", identifier_type="UNIV_ID"), at=NOON + timedelta(days=3))
    first, second = f"{NOON:%Y-%m-%d}", f"{NOON + timedelta(days=3):%Y-%m-%d}"

    def states(**asked: str) -> list[str]:
        return [row[2] for row in table(client.get("/bursar/reconciliation.csv", asked))[1:]]

    assert states() == ["Nothing to export", "Delivered"]
    assert states(since=first, until=first) == ["Delivered"]
    assert states(since=second) == ["Nothing to export"]
    assert states(state="delivered") == ["Delivered"]
    assert states(profile=str(profile.pk), since=second, state="delivered") == []
    page = client.get("/bursar/", {"since": second, "state": "delivered"}).content.decode()
    assert "No export of this kind" in page
    for since in ("soon", "0001-01-01", "9999-12-31"):
        assert "This is no day." in client.get("/bursar/", {"since": since, "until": since}).content.decode()


def test_the_reconciliation_goes_into_a_spreadsheet_with_exact_sums(clerk: Clerk, client: Client) -> None:
    fee, _other = exported(clerk, 1000, 250)
    run = clerk.last_run()
    clerk.put(run.profile, "paid.xml", payments((fee.pk, "4.00"), number=run.number))
    clerk.take_in(run.profile)

    head, line = table(client.get("/bursar/reconciliation.csv"))

    said = dict(zip(head, line, strict=True))
    sums = ("Selected", "Sum of the file", "Sum in the ledger", "Difference", "Paid", "Outstanding", "Unmatched")
    assert [said[each] for each in sums] == ["12.50", "12.50", "12.50", "0.00", "4.00", "8.50", "0"]
    assert (said["Export"], said["SHA-256"]) == (str(run.number), run.file_sha256)


def test_the_lines_of_an_export_are_narrowed_on_the_page_and_in_the_file(clerk: Clerk, client: Client) -> None:
    fee, other = exported(clerk, 1000, 250)
    run = clerk.last_run()
    clerk.put(run.profile, "paid.xml", payments((fee.pk, "10.00"), number=run.number))
    clerk.take_in(run.profile)

    page = client.get(f"/bursar/runs/{run.pk}/?lines=outstanding").content.decode()
    _head, *lines = table(client.get(f"/bursar/runs/{run.pk}/lines.csv?lines=outstanding"))

    assert f"/bursar/fees/{other.pk}/" in page and f"/bursar/fees/{fee.pk}/" not in page
    assert [line[-3:] for line in lines] == [["2.50", "0.00", "2.50"]]
    assert len(table(client.get(f"/bursar/runs/{run.pk}/lines.csv"))) == 3


def test_the_lines_of_a_file_are_narrowed_and_the_file_is_fetched_as_it_came(clerk: Clerk, client: Client) -> None:
    profile = clerk.profile(imports_per_line=True)
    fee = clerk.desk.charge(1000)
    clerk.export(profile)
    content = payments((fee.pk, "10.00"), ("NOBODY-1", "-3"), (fee.pk, "0"))
    clerk.put(profile, "paid.xml", content)
    clerk.take_in(profile)
    path = f"/bursar/files/{clerk.last_file().pk}/"

    _head, *unmatched = table(client.get(f"{path}lines.csv?lines=unmatched"))

    assert [(line[0], line[1], line[4], line[6]) for line in unmatched] == [("2", "NOBODY-1", "-3", "unknown id")]
    assert [line[0] for line in table(client.get(f"{path}lines.csv?lines=other"))[1:]] == ["3"]
    assert "NOBODY-1" not in client.get(f"{path}?lines=booked").content.decode()
    assert b"".join(client.get(f"{path}file/").streaming_content) == content  # type: ignore[attr-defined]


def test_an_export_tells_who_did_what(clerk: Clerk, client: Client) -> None:
    (fee,) = exported(clerk, 1000)
    run = clerk.last_run()
    client.post(f"/bursar/runs/{run.pk}/file/")
    client.post(f"/bursar/runs/{run.pk}/acknowledgement/")
    clerk.put(run.profile, "paid.xml", payments((fee.pk, "10.00"), number=run.number))
    clerk.take_in(run.profile)

    page = client.get(f"/bursar/runs/{run.pk}/").content.decode()

    told = page[page.index('id="trail-title"') :]
    for sentence in (
        "Began the export.", "The file was made: 1 fee, $10.00.", f"Delivered: sis/{run.file_name}.",
        "Downloaded the file.", "Acknowledged: the bursar has it.", "paid.xml: Done, $10.00 paid.",
    ):  # fmt: skip
        assert sentence in told
    assert told.index("Acknowledged") < told.index("Began the export.")


def test_what_waits_for_a_hand_stands_on_top_until_it_is_done(clerk: Clerk, client: Client) -> None:
    clerk.desk.charge(1000)
    profile = clerk.profile(destination="download", folder="")
    clerk.export(profile)
    run = clerk.last_run()
    lines = [(run.lines.get().fee_id, "10.00"), ("NOBODY-1", "1.00")]
    clerk.put(profile, "paid.xml", payments(*lines, number=run.number))
    clerk.take_in(profile, at=timezone.now())

    page = client.get("/bursar/").content.decode()
    assert "waits for its first download" in page and "was rejected on" in page

    client.post(f"/bursar/runs/{run.pk}/file/")
    BursarProfile.objects.filter(pk=profile.pk).update(imports_per_line=True)
    clerk.put(profile, "paid.xml", payments(*lines, number=run.number))
    clerk.take_in(profile, at=timezone.now())
    assert "Waits for a hand" not in client.get("/bursar/").content.decode()


def test_a_job_hides_only_the_exports_that_it_moves(clerk: Clerk, client: Client) -> None:
    # given six exports that were cut off before one whose undo is
    mine, other = clerk.profile(), clerk.profile("OTHER")
    clerk.desk.charge(1000)
    clerk.export(mine)
    first = clerk.last_run()
    for number in range(1, 7):
        first.pk, first.number, first.state = None, first.number + number, "delivering"
        first.save()
    stuck = BursarRun.objects.create(
        institution=clerk.library.institution, profile=other, number=first.number + 1, state="undoing",
        awaits_payment=True, started_by="clerk", started_at=NOON,
    )  # fmt: skip
    pages = ("/bursar/", f"/bursar/profiles/{mine.pk}/", f"/bursar/profiles/{other.pk}/")

    def waits() -> list[list[str]]:
        parts = [client.get(page).content.decode().partition("Waits for a hand")[2] for page in pages]
        return [re.findall(r"may be at the bursar|half undone", each.partition("</section>")[0]) for each in parts]

    def goes_on(words: str) -> list[bool]:
        return [words in client.get(page).content.decode() for page in pages]

    sent, undone = "may be at the bursar", "half undone"
    assert waits() == [[sent] * 5, [sent] * 5, [undone]]

    # when the first profile exports
    export = queue(clerk.library, "bursar-export", profile="SIS")
    assert waits() == [[undone], [], [undone]]

    # and when instead the undo of the second goes on
    JobRun.objects.filter(pk=export.pk).update(state="cancelled")
    queue(clerk.library, "bursar-undo", export=str(stuck.number))
    assert waits() == [[sent] * 5, [sent] * 5, []]
    assert goes_on("Undo of an Export to Bursar Using Profile Student OTHER is about to begin") == [True, False, True]

    # and an import moves no export
    JobRun.objects.filter(name="bursar-undo").update(state="cancelled")
    queue(clerk.library, "bursar-import", profile="OTHER")
    assert waits() == [[sent] * 5, [sent] * 5, [undone]]


def test_what_may_be_at_the_bursar_stands_before_what_only_waits_for_a_download(clerk: Clerk, client: Client) -> None:
    downloads, folder = clerk.profile("DOWN", destination="download", folder=""), clerk.profile()
    for profile, run_state in ((downloads, "made"), (folder, "delivering")):
        clerk.desk.charge(1000)
        clerk.export(profile)
        BursarRun.objects.filter(profile=profile).update(state=run_state)

    page = client.get("/bursar/").content.decode().partition("Waits for a hand")[2]

    assert page.index("may be at the bursar") < page.index("waits for its first download")


@pytest.mark.parametrize("rejected", ["of other lines", "not read as a whole"])
def test_a_rejected_file_waits_on_though_another_of_its_name_and_export_is_booked(
    clerk: Clerk, client: Client, rejected: str
) -> None:
    clerk.desk.charge(1000)
    profile = clerk.profile()
    clerk.export(profile)
    run = clerk.last_run()
    fee = run.lines.get().fee_id
    whole = payments((fee, "4.00"), ("NOBODY-1", "1.00"), number=run.number)
    clerk.put(profile, "paid.xml", whole if rejected == "of other lines" else whole[:-20])
    clerk.take_in(profile, at=timezone.now())

    clerk.put(profile, "paid.xml", payments((fee, "6.00"), number=run.number))
    clerk.take_in(profile, at=timezone.now())

    assert clerk.last_file().state == "done"
    page = client.get("/bursar/").content.decode()
    assert "Waits for a hand" in page and "was rejected on" in page
