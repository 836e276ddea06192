"""Letters as staff see them: Attachments, one letter, the print batches. The worklist: ``test_letter_worklist.py``."""

import re
from collections.abc import Callable

import pytest
import time_machine
from django.test import Client

from amerce.institutions.models import Printer
from amerce.jobs.models import JobRun
from amerce.letters.models import Letter, PrintBatch
from tests.jobs.running import finish
from tests.letters.writing import parsed, reach, write_one
from tests.web.account import Desk, open_record
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(sign_in: Callable[..., Client], library: Library):  # type: ignore[no-untyped-def]
    with time_machine.travel(NOON, tick=False):
        client = sign_in()
        client.post("/patron-services/", {"typed": "jdoe"})
        yield client


def words(answer) -> str:  # type: ignore[no-untyped-def]
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_attachments_list_what_was_written_even_if_it_did_not_go(client: Client, library: Library) -> None:
    path = f"/patrons/{library.patron.pk}/attachments/"
    assert "Nothing was sent yet" in words(client.get(path))
    write_one(library)

    said = words(client.get(path))

    assert "Fines/Fees Notification" in said
    assert "Fines and fees: $23.50" in said
    assert "No address" in said
    assert "Attachments 1" in said


def test_a_letter_is_shown_as_it_was_sent_in_a_frame_that_can_do_nothing(client: Client, library: Library) -> None:
    reach(library.patron, "email", "jane@example.org")
    letter = write_one(library)

    page = client.get(f"/letters/{letter.pk}/")
    body = client.get(f"/letters/{letter.pk}/body/")
    text = client.get(f"/letters/{letter.pk}/body/?part=text")

    assert "frame-src 'self'" in page["Content-Security-Policy"]
    html = parsed(bytes(letter.body)).get_body(("html",))
    assert html is not None
    assert body.content.decode() == html.get_content()
    assert body["Content-Security-Policy"].endswith("sandbox")
    assert "script" not in body["Content-Security-Policy"]
    assert body["X-Frame-Options"] == "SAMEORIGIN"
    assert text["Content-Type"] == "text/plain; charset=utf-8"
    assert "Dear Jane Doe" in text.content.decode()


def test_a_letter_is_downloaded_byte_for_byte(client: Client, library: Library) -> None:
    reach(library.patron, "email", "jane@example.org")
    letter = write_one(library)

    answer = client.get(f"/letters/{letter.pk}/file/")

    assert answer.content == bytes(letter.body)
    assert answer["Content-Type"] == "message/rfc822"
    assert answer["Content-Disposition"] == f'attachment; filename="letter-{letter.pk}.eml"'
    assert client.get(f"/letters/{letter.pk}/file/?as=pdf").content.startswith(b"%PDF-")
    xml = client.get(f"/letters/{letter.pk}/xml/").content
    assert xml.startswith(b"<?xml") and b"<notification_data>" in xml


def test_a_letter_of_another_institution_is_not_found(client: Client, other_library: Library) -> None:
    letter = write_one(other_library)
    for page in ("", "body/", "file/", "xml/"):
        assert client.get(f"/letters/{letter.pk}/{page}").status_code == 404
    assert client.post(f"/letters/{letter.pk}/action/", {"do": "done"}).status_code == 404
    assert Letter.objects.get().state == "no_address"


def test_letters_are_printed_in_one_file_and_marked_by_a_person(client: Client, library: Library) -> None:
    # given
    printer = Printer.objects.create(institution=library.institution, code="P", name="Office", queue="lp")
    for number in range(2):
        write_one(library, key=f"run:{number}", channels=("print",), printer_id=printer.pk)
    assert "Office 2 letters wait" in words(client.get("/letters/print/"))

    # when
    client.post("/letters/print/", {"printer": printer.pk})
    assert "Waiting" in words(client.get("/letters/print/"))
    going = client.get("/letters/print/", headers={"HX-Request": "true", "HX-Target": "printing-live"})
    assert "HX-Refresh" not in going.headers
    finish(JobRun.objects.get())

    # then
    ended = client.get("/letters/print/", headers={"HX-Request": "true", "HX-Target": "printing-live"})
    assert ended.headers["HX-Refresh"] == "true"
    batch = PrintBatch.objects.get()
    answer = client.get(f"/letters/print/{batch.pk}/")
    assert answer.content == bytes(batch.pdf)
    assert len(re.findall(rb"/Type /Page\b", bytes(batch.pdf))) in (0, 2)
    assert set(Letter.objects.values_list("state", flat=True)) == {"waiting"}
    assert "No letter waits to be printed" in words(client.get("/letters/print/"))

    client.post(f"/letters/print/{batch.pk}/printed/")

    assert set(Letter.objects.values_list("state", "sent_at")) == {("sent", NOON)}
    batch.refresh_from_db()
    assert batch.printed_at == NOON


def test_the_confirmation_of_a_payment_offers_the_receipt_by_email(sign_in, library: Library) -> None:  # type: ignore[no-untyped-def]
    desk: Desk = open_record(sign_in, library)
    library.charge(1000)
    reach(library.patron, "email", "jane@example.org")
    from tests.web.test_receipts import take

    number = take(library, 400)
    assert "E-mail receipt" in words(desk.client.get(f"/patrons/{library.patron.pk}/payments/{number}/"))

    answer = desk.client.post(f"/patrons/{library.patron.pk}/payments/{number}/receipt/email/", follow=True)

    assert "The receipt goes to jane@example.org." in words(answer)
    assert Letter.objects.get().subject == f"Receipt {number}: $4.00"


def test_a_patron_without_an_email_address_is_offered_no_receipt_by_email(sign_in, library: Library) -> None:  # type: ignore[no-untyped-def]
    desk: Desk = open_record(sign_in, library)
    library.charge(1000)
    from tests.web.test_receipts import take

    number = take(library, 400)

    for page in ("", "receipt/"):
        answer = desk.client.get(f"/patrons/{library.patron.pk}/payments/{number}/{page}")
        assert "E-mail receipt" not in words(answer)
        assert "This patron has no e-mail address, so the receipt cannot be e-mailed." in words(answer)


def test_the_activity_report_is_on_the_screen_before_it_is_sent(client: Client, library: Library) -> None:
    library.charge(1000)
    path = f"/patrons/{library.patron.pk}/activity-report/"
    said = words(client.get(path))
    assert "Main Library $10.00" in said
    assert "This patron has no e-mail address, so it cannot be sent." in said
    refused = client.post(path, {"form_key": "one"})
    assert refused.status_code == 422
    reach(library.patron, "email", "jane@example.org")

    answers = [client.post(path, {"form_key": "one"}, follow=True) for _ in range(2)]

    assert "The activity report goes to jane@example.org." in words(answers[0])
    assert Letter.objects.count() == 1
