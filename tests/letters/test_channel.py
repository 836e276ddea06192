"""A letter that names no channel goes by the first that reaches its patron, and by no second."""

import pytest

from amerce.institutions.models import Printer
from amerce.letters.models import Letter, LetterSettings
from tests.letters.writing import reach, write_one
from tests.world import Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_it_goes_by_email_where_there_is_an_address(library: Library) -> None:
    LetterSettings.objects.create(institution=library.institution, sms_url="https://sms.example.org")
    reach(library.patron, "email", "jane@example.org")
    reach(library.patron, "phone", "+1 202 555 0143")

    letter = write_one(library, channels=())

    assert (letter.channel, letter.to) == ("email", "jane@example.org")


def test_else_by_sms_where_there_is_a_number_and_a_gateway(library: Library) -> None:
    LetterSettings.objects.create(institution=library.institution, sms_url="https://sms.example.org")
    reach(library.patron, "phone", "+1 202 555 0143")

    letter = write_one(library, channels=())

    assert (letter.channel, letter.to, letter.state) == ("sms", "+1 202 555 0143", "waiting")


def test_else_on_paper_where_there_are_a_postal_address_and_a_printer(library: Library) -> None:
    reach(library.patron, "phone", "+1 202 555 0143")  # no gateway is set
    reach(library.patron, "address", "12 Canal Street")
    Printer.objects.create(institution=library.institution, code="A", name="A", queue="lp", is_active=False)
    printer = Printer.objects.create(institution=library.institution, code="B", name="B", queue="lp")

    letter = write_one(library, channels=())

    assert (letter.channel, letter.printer_id, letter.state) == ("print", printer.pk, "waiting")


@pytest.mark.parametrize("has_printer", [True, False])
def test_else_it_waits_for_an_address(library: Library, has_printer: bool) -> None:
    if has_printer:
        Printer.objects.create(institution=library.institution, code="B", name="B", queue="lp")
    else:
        reach(library.patron, "address", "12 Canal Street")

    letter = write_one(library, channels=())

    assert (letter.channel, letter.state) == ("email", "no_address")


def test_written_again_it_stays_what_it_was(library: Library) -> None:
    first = write_one(library, channels=())
    reach(library.patron, "address", "12 Canal Street")
    Printer.objects.create(institution=library.institution, code="B", name="B", queue="lp")

    again = write_one(library, channels=())

    assert again.pk == first.pk
    assert Letter.objects.count() == 1
