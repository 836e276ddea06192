"""Words are tried before they are saved: previewed on a patron, and sent as a test."""

import pytest
from django.test import Client

from amerce.letters.message import html_of
from amerce.letters.models import Letter, LetterSwitch, LetterTemplate
from tests.web.letters_typed import PATH, PLAIN, TYPED
from tests.web.stamped import send
from tests.web.test_letters import words

pytestmark = pytest.mark.django_db


def test_the_preview_shows_what_is_typed_on_a_real_patron_in_a_frame_that_can_do_nothing(administrator: Client) -> None:
    answer = administrator.post(PATH + "preview/", {**TYPED, "html": "<p>{{ patron.name }}</p>", "patron": "jdoe"})
    assert "<p>Jane Doe</p>" in answer.content.decode()
    assert answer["Content-Security-Policy"].endswith("sandbox")
    assert answer["X-Frame-Options"] == "SAMEORIGIN"

    sms = administrator.post(PATH + "preview/", {**TYPED, "part": "sms"})
    assert (sms.content.decode(), sms["Content-Type"]) == ("$4.50", "text/plain; charset=utf-8")
    broken = administrator.post(PATH + "preview/", {**TYPED, "html": "<b>\n{% if <script> %}"})
    assert "Line 2:" in broken.content.decode()
    assert "<script>" not in broken.content.decode()
    assert not LetterTemplate.objects.exists()


def test_the_preview_says_that_nobody_has_the_id_rather_than_showing_somebody_else(administrator: Client) -> None:
    answer = administrator.post(PATH + "preview/", {**TYPED, "html": "<p>{{ patron.name }}</p>", "patron": "<b>nobody"})

    assert answer.content.decode() == "<!DOCTYPE html><p>No patron has the id &lt;b&gt;nobody.</p>"


@pytest.mark.parametrize("typed", [{"html": "<p>{{ patron.nme }}</p>"}, {"text": ""}, {"subject": "x" * 301}])
def test_the_preview_refuses_what_save_refuses_in_the_same_words(administrator: Client, typed: dict[str, str]) -> None:
    refused = words(send(administrator, PATH, {**TYPED, **typed}))

    field, _colon, sentence = words(administrator.post(PATH + "preview/", {**TYPED, **typed})).partition(": ")

    assert field in ("HTML", "Text", "Subject")
    assert len(sentence) > 10 and sentence in refused


def test_a_kind_is_switched_and_a_test_is_sent(administrator: Client) -> None:
    administrator.post("/configuration/letters/OVERDUE_1/switch/")
    assert LetterSwitch.objects.get().is_on is False
    off = administrator.post("/configuration/letters/OVERDUE_1/en/test/", {**PLAIN, "to": "me@example.org"})
    assert "Letters of this kind are turned off. Nothing was sent." in words(off)

    administrator.post("/configuration/letters/OVERDUE_1/switch/", {"on": "1"})
    administrator.post("/configuration/letters/OVERDUE_1/en/test/", {**PLAIN, "to": "me@example.org"})

    letter = Letter.objects.get()
    assert (letter.to, letter.patron_id, letter.subject) == ("me@example.org", None, "A subject")


def test_a_test_is_sent_by_the_words_as_typed_and_the_page_keeps_them(administrator: Client) -> None:
    page = administrator.post(PATH + "test/", {**TYPED, "to": "me@example.org"})

    letter = Letter.objects.get()
    assert (letter.subject, "<p>$4.50</p>" in html_of(bytes(letter.body))) == ("Thanks, Élodie", True)
    said = page.content.decode()
    assert page.status_code == 200
    assert "A test goes to me@example.org." in said
    assert "{{ total_minor|money }}" in said and "Thanks, {{ patron.first_name }}" in said
    assert 'value="me@example.org"' in said
    assert f'action="{PATH}"' in said
    assert not LetterTemplate.objects.exists()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"to": "me@example.org\nBcc: x@y.org"}, "Write one e-mail address to which the test goes."),
        ({"html": "{{ patron.nme }}"}, "there is no “patron.nme” in this letter"),
        ({"sms": " "}, "This cannot be empty."),
    ],
)
def test_a_test_that_cannot_be_sent_says_why_at_its_field_and_keeps_what_was_typed(
    administrator: Client, typed: dict[str, str], sentence: str
) -> None:
    page = administrator.post(PATH + "test/", {**TYPED, "to": "me@example.org", "text": "Typed just now", **typed})

    assert page.status_code == 422
    assert sentence in words(page)
    assert "Typed just now" in page.content.decode() and "me@example.org" in page.content.decode()
    assert not Letter.objects.exists()


@pytest.mark.parametrize(
    ("part", "says"), [("html", "4,50"), ("text", "4,50"), ("sms", "4,50"), ("print", "02.03.2026")]
)
def test_every_part_is_previewed_as_the_language_writes_it(administrator: Client, part: str, says: str) -> None:
    typed = {**TYPED, "html": "<p>{{ total_minor|money }}, {{ paid_at|day }}</p>", "part": part}

    answer = administrator.post(PATH.replace("/en/", "/de/") + "preview/", typed)

    assert answer.status_code == 200
    assert says in answer.content.decode()
