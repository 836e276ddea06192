"""The headers of an e-mail: whatever a library is called and a title says, no line is empty or too long."""

from email import message_from_bytes
from email.header import decode_header, make_header

import pytest

from amerce.institutions.models import Institution, Printer
from amerce.letters.deliver import deliver_letters
from amerce.letters.models import Letter, LetterSettings
from tests.letters.writing import mail_server, new_letter, parsed, reach, save_words_of, write, write_one
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
LONG = "Überfällig seit längerer Zeit: Die Entdeckung der Langsamkeit und andere Erzählungen aus nördlichen Gewässern"
NAME = "Universitäts- und Landesbibliothek für Länder, Völker und Gewässer nördlich der Mittelgebirgsschwelle"
LINE_LIMIT = 78


def header_lines(body: bytes) -> list[str]:
    return body.partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n")


def is_folded_well(body: bytes) -> bool:
    lines = header_lines(body)
    begins = [each.partition(":")[2] for each in lines if not each.startswith(" ")]
    return all(each.strip() for each in (*lines, *begins)) and max(map(len, lines)) <= LINE_LIMIT


@pytest.mark.parametrize("subject", [LONG, "ü", "Äö" * 100, "Überfällig " * 20, LONG.replace(" ", "")])
def test_a_long_subject_that_is_not_ascii_begins_on_its_own_line(library: Library, subject: str) -> None:
    reach(library.patron, "email", "jane@example.org")
    save_words_of(library, subject=subject)

    letter = write_one(library)

    assert parsed(bytes(letter.body))["Subject"] == letter.subject
    assert is_folded_well(bytes(letter.body))


def test_a_long_name_of_the_sender_begins_on_its_own_line(library: Library) -> None:
    reach(library.patron, "email", "jane@example.org")
    LetterSettings.objects.create(
        institution=library.institution, sender_name=NAME, sender_email="bibliothek@example.org"
    )

    letter = write_one(library)

    sender = str(make_header(decode_header(str(message_from_bytes(bytes(letter.body))["From"]))))
    assert sender == f"{NAME} <bibliothek@example.org>"
    assert is_folded_well(bytes(letter.body))


def test_a_pdf_for_a_printer_is_folded_as_well(library: Library, settings) -> None:  # type: ignore[no-untyped-def]
    Institution.objects.update(name=NAME)
    printer = Printer.objects.create(institution=library.institution, code="P", name="P", email="mailroom@example.org")
    save_words_of(library, subject=LONG)
    write(library, new_letter(library, channels=("print",), printer_id=printer.pk))
    with mail_server() as (box, port):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port

        deliver_letters(now=NOON)

    assert Letter.objects.get().state == "sent"
    (message,) = box.messages
    assert message["Subject"] == LONG
    assert is_folded_well(box.bodies[0])
