"""The words of a letter are edited in each language, and go back to the built-in ones."""

import pytest
from django.test import Client

from amerce.letters.models import LetterTemplate
from tests.web.letters_typed import PATH, TYPED
from tests.web.stamped import send
from tests.web.test_letters import words

pytestmark = pytest.mark.django_db


def test_words_are_saved_listed_and_restored(administrator: Client) -> None:
    assert send(administrator, PATH, TYPED).status_code == 302
    assert LetterTemplate.objects.get().subject == TYPED["subject"]
    assert "own (en)" in words(administrator.get("/configuration/letters/"))
    page = administrator.get(PATH)
    assert "These are words of your own." in words(page)
    assert "Subject" in words(page)

    assert "Receipt {{ receipt }}" in administrator.get(PATH + "restore/").content.decode()
    send(administrator, PATH + "restore/", {})

    assert not LetterTemplate.objects.exists()


def test_words_that_cannot_become_a_letter_are_refused_at_their_field(administrator: Client) -> None:
    answer = send(administrator, PATH, {**TYPED, "html": "<p>\n{{ patron.nmae }}</p>"})

    assert answer.status_code == 422
    assert "Line 2: this cannot become a letter. there is no “patron.nmae” in this letter" in words(answer)
    assert "{{ patron.nmae }}" in answer.content.decode()
    assert not LetterTemplate.objects.exists()


@pytest.mark.parametrize("path", ["NO_SUCH/en/", "LOST/english/", "TILL/en/", "TILL/en/restore/"])
def test_a_letter_that_there_is_not_is_not_found(administrator: Client, path: str) -> None:
    assert administrator.get(f"/configuration/letters/{path}").status_code == 404


def test_each_language_shows_its_own_words_and_goes_back_to_its_own_built_in_ones(administrator: Client) -> None:
    german = PATH.replace("/en/", "/de/")
    page = words(administrator.get(german))
    assert "Guten Tag {{ patron.name }}," in page and "These are the built-in words." in page
    assert "German built-in" in page and "English built-in" in page and "French none" in page

    assert send(administrator, german, TYPED).status_code == 302
    assert "German own" in words(administrator.get(PATH))
    assert "Quittung {{ receipt }}" in words(administrator.get(german + "restore/"))
    send(administrator, german + "restore/", {})

    assert not LetterTemplate.objects.exists()
    assert "Guten Tag {{ patron.name }}," in words(administrator.get(german))


def test_a_language_without_words_says_that_nothing_is_written_in_it(administrator: Client) -> None:
    page = words(administrator.get(PATH.replace("/en/", "/fr/")))

    assert "There are no words in this language yet, so nothing is written in it." in page
    assert "Dear {{ patron.name }}," in page
