"""Letters go to a real mail server, once, and say what became of them."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from amerce.institutions.models import Printer
from amerce.letters import deliver
from amerce.letters.again import send_again
from amerce.letters.deliver import ATTEMPTS_LIMIT, OUTAGE_WAIT, SENDING_LIMIT, claim, deliver_letters
from amerce.letters.house import House, house_of
from amerce.letters.models import Letter
from amerce.letters.transports.answers import TurnedAway
from tests.jobs.running import run
from tests.letters.writing import Mailbox, mail_server, new_letter, reach, write, write_one
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


@pytest.fixture
def mailbox(settings, library: Library) -> Iterator[Mailbox]:  # type: ignore[no-untyped-def]
    reach(library.patron, "email", "jane@example.org")
    with mail_server() as (box, port):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5
        yield box


def state() -> tuple[str, int, str]:
    letter = Letter.objects.get()
    return letter.state, letter.attempts, letter.error


def test_a_letter_is_sent_byte_for_byte(library: Library, mailbox: Mailbox) -> None:
    letter = write_one(library)

    assert deliver_letters(now=NOON)

    assert mailbox.bodies == [bytes(letter.body)]
    assert mailbox.envelopes[0].rcpt_tos == ["jane@example.org"]
    letter.refresh_from_db()
    assert (letter.state, letter.sent_at, letter.attempts, letter.error) == ("sent", NOON, 1, "")
    assert not deliver_letters(now=NOON + timedelta(days=1))
    assert len(mailbox.bodies) == 1


def test_several_go_over_one_connection(library: Library, mailbox: Mailbox) -> None:
    write(library, *(new_letter(library, key=f"run:{number}") for number in range(5)))

    deliver_letters(now=NOON)

    assert len(mailbox.bodies) == 5
    assert set(Letter.objects.values_list("state", flat=True)) == {"sent"}


def test_one_that_is_refused_for_now_is_tried_again_later(library: Library, mailbox: Mailbox) -> None:
    write_one(library)
    mailbox.answers = ["451-come back\r\n451 later", "452 still full"]

    deliver_letters(now=NOON)
    assert state() == ("refused", 1, "451 come back later")
    assert not deliver_letters(now=NOON + timedelta(seconds=59))
    second = NOON + timedelta(minutes=1)
    deliver_letters(now=second)
    assert state() == ("refused", 2, "452 still full")
    assert not deliver_letters(now=second + timedelta(seconds=119))
    deliver_letters(now=second + timedelta(minutes=2))

    assert state() == ("sent", 3, "")
    assert len(mailbox.bodies) == 1


def test_one_that_is_refused_for_good_fails(library: Library, mailbox: Mailbox) -> None:
    write_one(library)
    mailbox.answers = ["554 we take no letters"]

    deliver_letters(now=NOON)

    assert state() == ("failed", 1, "554 we take no letters")
    assert not deliver_letters(now=NOON + timedelta(days=9))


def test_one_that_is_refused_too_often_fails(library: Library, mailbox: Mailbox) -> None:
    write_one(library)
    Letter.objects.update(attempts=ATTEMPTS_LIMIT - 1)
    mailbox.answers = ["451 come back later"]

    deliver_letters(now=NOON)

    assert state() == ("failed", ATTEMPTS_LIMIT, "451 come back later")


def test_a_refused_letter_holds_up_no_other(library: Library, mailbox: Mailbox) -> None:
    write(library, new_letter(library), new_letter(library, key="run:2"))
    mailbox.answers = ["554 not this one"]

    deliver_letters(now=NOON)

    assert sorted(Letter.objects.values_list("state", flat=True)) == ["failed", "sent"]


def test_no_mail_server_is_no_fault_of_a_letter(library: Library, mailbox: Mailbox, settings) -> None:  # type: ignore[no-untyped-def]
    write(library, new_letter(library), new_letter(library, key="run:2"))
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT, there = nobody.getsockname()[1], settings.EMAIL_PORT

        assert deliver_letters(now=NOON)

    for letter in Letter.objects.all():
        assert (letter.state, letter.attempts, letter.next_at) == ("refused", 0, NOON + OUTAGE_WAIT)
        assert "refused" in letter.error
    settings.EMAIL_PORT = there
    deliver_letters(now=NOON + OUTAGE_WAIT)
    assert len(mailbox.bodies) == 2


def test_a_server_that_breaks_off_gets_the_other_letters_over_a_new_connection(
    library: Library, mailbox: Mailbox
) -> None:
    first, *_others = write(library, *(new_letter(library, key=f"run:{number}") for number in range(3)))
    mailbox.answers = ["421 closing for a moment"]

    deliver_letters(now=NOON)

    first.refresh_from_db()
    assert (first.state, first.attempts, first.error) == ("refused", 1, "421 closing for a moment")
    assert list(Letter.objects.exclude(pk=first.pk).values_list("state", "attempts")) == [("sent", 1)] * 2
    assert (len(mailbox.bodies), mailbox.connections) == (2, 2)


def test_a_server_that_takes_one_letter_a_connection_gets_them_all(library: Library, mailbox: Mailbox) -> None:
    write(library, *(new_letter(library, key=f"run:{number}") for number in range(3)))
    mailbox.hangs_up = True

    deliver_letters(now=NOON)

    assert set(Letter.objects.values_list("state", "attempts", "error")) == {("sent", 1, "")}
    assert (len(mailbox.bodies), mailbox.connections) == (3, 3)


@pytest.mark.parametrize("answer", ["550 that sender is not let through", "421 not now"])
def test_a_sender_that_is_refused_is_no_fault_of_a_letter(library: Library, mailbox: Mailbox, answer: str) -> None:
    write(library, *(new_letter(library, key=f"run:{number}") for number in range(3)))
    mailbox.answers_to_senders = [answer]

    deliver_letters(now=NOON)

    rows = set(Letter.objects.values_list("state", "attempts", "error", "next_at"))
    assert rows == {("refused", 0, answer, NOON + OUTAGE_WAIT)}
    deliver_letters(now=NOON + OUTAGE_WAIT)
    assert len(mailbox.bodies) == 3


def test_a_sender_of_one_institution_that_is_refused_holds_up_no_other(
    library: Library, other_library: Library, mailbox: Mailbox
) -> None:
    reach(other_library.patron, "email", "jim@example.org")
    write(library, *(new_letter(library, key=f"run:{number}") for number in range(2)))
    theirs = write_one(other_library)
    mailbox.answers_to_senders = ["550 that sender is not let through"]

    while deliver_letters(now=NOON):
        pass

    assert mailbox.bodies == [bytes(theirs.body)]
    assert list(Letter.objects.order_by("pk").values_list("state", flat=True)) == ["refused", "refused", "sent"]


def test_a_letter_that_is_too_large_is_to_blame_itself(library: Library, mailbox: Mailbox) -> None:
    write(library, *(new_letter(library, key=f"run:{number}") for number in range(2)))
    mailbox.answers_to_senders = ["552 too large"]

    deliver_letters(now=NOON)

    said = Letter.objects.order_by("pk").values_list("state", "error")
    assert list(said) == [("failed", "552 too large"), ("sent", "")]


def test_a_letter_in_sending_for_too_long_is_unknown_and_stays_so(library: Library, mailbox: Mailbox) -> None:
    letter = write_one(library)
    assert claim(letter.pk, now=NOON) is not None
    assert claim(letter.pk, now=NOON) is None

    assert not deliver_letters(now=NOON + SENDING_LIMIT / 2)
    assert state()[0] == "sending"
    assert deliver_letters(now=NOON + SENDING_LIMIT)
    assert not deliver_letters(now=NOON + timedelta(days=9))

    assert state() == ("unknown", 1, "")
    assert mailbox.bodies == []


@pytest.mark.parametrize("word", [None, TurnedAway("554 too late", is_final=True)])
def test_an_attempt_that_hung_has_no_word_on_the_one_that_a_person_asked_for(
    library: Library, mailbox: Mailbox, word: Exception | None
) -> None:
    # given: a worker that hangs, a person who looked and sent it again, and a second worker at it
    letter = write_one(library)
    first = claim(letter.pk, now=NOON)
    assert first is not None
    later = NOON + SENDING_LIMIT
    deliver.give_up_lost(now=later)
    send_again(actor=library.manager, at=later, letter_id=letter.pk)
    second = claim(letter.pk, now=later)
    assert second is not None and second.attempts == first.attempts

    def at_last(_letter: Letter, _house: House) -> None:
        if word:
            raise word

    # when
    deliver._hand_over(first, house_of(library.institution.pk), later, at_last)

    # then
    assert state() == ("sending", 1, "")
    deliver._hand_over(second, house_of(library.institution.pk), later, lambda _letter, _house: None)
    assert state() == ("sent", 1, "")


def test_an_attempt_that_took_too_long_still_says_what_came_of_it(library: Library, mailbox: Mailbox) -> None:
    letter = write_one(library)
    first = claim(letter.pk, now=NOON)
    assert first is not None
    deliver.give_up_lost(now=NOON + SENDING_LIMIT)

    deliver._hand_over(first, house_of(library.institution.pk), NOON + SENDING_LIMIT, lambda _letter, _house: None)

    assert state() == ("sent", 1, "")


def test_a_server_that_hangs_up_half_way_leaves_it_unknown(library: Library, mailbox: Mailbox, settings) -> None:  # type: ignore[no-untyped-def]
    write_one(library)
    settings.EMAIL_TIMEOUT = 0.5

    async def silent(*_args: object) -> str:
        import asyncio

        await asyncio.sleep(3)
        return "250 too late"

    mailbox.handle_DATA = silent  # type: ignore[method-assign]
    deliver_letters(now=NOON)

    assert state()[0] == "unknown"


def test_a_letter_without_an_address_is_not_sent(library: Library, mailbox: Mailbox) -> None:
    library.patron.contacts.all().delete()
    write_one(library)

    assert not deliver_letters(now=NOON + timedelta(days=9))
    assert state()[0] == "no_address"


def test_in_the_demo_mail_stays_in_a_folder(library: Library, mailbox: Mailbox, settings, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    settings.EMAIL_BACKEND = "amerce.letters.transports.mail_folder.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    letters = write(library, new_letter(library), new_letter(library, key="run:2"))

    deliver_letters(now=NOON)

    files = sorted((tmp_path / "mail").iterdir())
    assert [each.read_bytes() for each in files] == [bytes(each.body) for each in letters]
    assert all(each.name.endswith("-jane@example.org.eml") for each in files)


def test_without_a_mail_server_letters_wait_and_say_so(library: Library, mailbox: Mailbox, settings) -> None:  # type: ignore[no-untyped-def]
    settings.EMAIL_BACKEND = "amerce.letters.transports.no_mail.EmailBackend"
    write_one(library)

    deliver_letters(now=NOON)

    assert state() == ("refused", 0, "no mail server is set (AMERCE_EMAIL_URL)")


def test_a_printer_with_an_address_gets_a_pdf(library: Library, mailbox: Mailbox) -> None:
    printer = Printer.objects.create(institution=library.institution, code="P", name="P", email="mailroom@example.org")
    letter = write_one(library, channels=("print",), printer_id=printer.pk)

    deliver_letters(now=NOON)

    (message,) = mailbox.messages
    assert mailbox.envelopes[0].rcpt_tos == ["mailroom@example.org"]
    assert (message["To"], message["Message-ID"]) == ("mailroom@example.org", letter.message_id)
    (pdf,) = message.iter_attachments()
    assert (pdf.get_content_type(), pdf.get_content()[:5]) == ("application/pdf", b"%PDF-")
    assert state()[0] == "sent"
    letter.refresh_from_db()
    assert bytes(letter.pdf or b"") == pdf.get_content()


def test_a_pdf_that_was_sent_is_sent_again_as_it_was(library: Library, mailbox: Mailbox) -> None:
    printer = Printer.objects.create(institution=library.institution, code="P", name="P", email="mailroom@example.org")
    letter = write_one(library, channels=("print",), printer_id=printer.pk)
    deliver_letters(now=NOON)

    send_again(actor=library.manager, at=NOON, letter_id=letter.pk)
    deliver_letters(now=NOON)

    first, again = mailbox.messages
    assert [each.get_content() for each in first.iter_attachments()] == [
        each.get_content() for each in again.iter_attachments()
    ]


def test_a_letter_in_a_print_file_is_not_mailed_to_its_printer(library: Library, mailbox: Mailbox) -> None:
    printer = Printer.objects.create(institution=library.institution, code="P", name="P", queue="lp")
    write_one(library, channels=("print",), printer_id=printer.pk)
    run(library, "print-letters")
    Printer.objects.update(queue="", email="mailroom@example.org")

    assert not deliver_letters(now=NOON + timedelta(days=9))

    assert (mailbox.bodies, state()) == ([], ("waiting", 0, ""))


def test_a_printer_with_a_queue_waits_for_a_person(library: Library, mailbox: Mailbox) -> None:
    printer = Printer.objects.create(institution=library.institution, code="P", name="P", queue="lp")
    write_one(library, channels=("print",), printer_id=printer.pk)

    assert not deliver_letters(now=NOON + timedelta(days=9))
    assert state()[0] == "waiting"
