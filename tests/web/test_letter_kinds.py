"""The list of letters: which are written, and turning one off and on."""

import pytest
from django.test import Client

from amerce.letters.models import LetterSettings, LetterSwitch
from tests.web.test_letters import words
from tests.world import Library

pytestmark = pytest.mark.django_db
LIST = "/configuration/letters/"


def test_a_letter_that_nothing_writes_is_not_offered(administrator: Client) -> None:
    page = words(administrator.get(LIST))

    assert "Bursar Run Report" in page
    assert "Till Report" not in page
    assert administrator.post(f"{LIST}TILL/switch/").status_code == 404
    assert not LetterSwitch.objects.exists()


def test_a_report_to_staff_says_when_there_is_no_address_for_it(administrator: Client, library: Library) -> None:
    sentence = "There is none, so it is not written."
    assert sentence in words(administrator.get(LIST))

    LetterSettings.objects.create(institution=library.institution, staff_email="bursar@example.org")

    assert sentence not in words(administrator.get(LIST))


def test_a_letter_is_turned_off_and_on(administrator: Client) -> None:
    administrator.post(f"{LIST}LOST/switch/")
    assert LetterSwitch.objects.get().is_on is False

    again = administrator.post(f"{LIST}LOST/switch/", {"on": "1"}, follow=True)

    assert LetterSwitch.objects.get().is_on is True
    assert "Lost Loan is written from now on." in words(again)
