"""The pages on which letters are configured."""

from collections.abc import Callable

import pytest
import time_machine
from django.test import Client

from amerce.access.sealed import unseal
from amerce.letters.message import html_of
from amerce.letters.models import Letter, LetterSettings, LetterSwitch, LetterTemplate
from tests.web.stamped import send
from tests.web.test_letters import words
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
PATH = "/configuration/letters/PAYMENT_RECEIPT/en/"
TYPED = {
    "subject": "Thanks, {{ patron.first_name }}",
    "html": "<p>{{ total_minor|money }}</p>",
    "text": "{{ total_minor|money }}",
    "sms": "{{ total_minor|money }}",
}
PLAIN = {"subject": "A subject", "html": "<p>A letter</p>", "text": "A letter", "sms": "A letter"}


@pytest.fixture
def client(sign_in: Callable[..., Client], library: Library):  # type: ignore[no-untyped-def]
    with time_machine.travel(NOON, tick=False):
        yield sign_in("general_system_administrator")


def test_words_are_saved_listed_and_restored(client: Client) -> None:
    assert send(client, PATH, TYPED).status_code == 302
    assert LetterTemplate.objects.get().subject == TYPED["subject"]
    assert "own (en)" in words(client.get("/configuration/letters/"))
    page = client.get(PATH)
    assert "These are words of your own." in words(page)
    assert "Subject" in words(page)

    assert "Receipt {{ receipt }}" in client.get(PATH + "restore/").content.decode()
    send(client, PATH + "restore/", {})

    assert not LetterTemplate.objects.exists()


def test_words_that_cannot_become_a_letter_are_refused_at_their_field(client: Client) -> None:
    answer = send(client, PATH, {**TYPED, "html": "<p>\n{{ patron.nmae }}</p>"})

    assert answer.status_code == 422
    assert "Line 2: this cannot become a letter. there is no “patron.nmae” in this letter" in words(answer)
    assert "{{ patron.nmae }}" in answer.content.decode()
    assert not LetterTemplate.objects.exists()


def test_the_preview_shows_what_is_typed_on_a_real_patron_in_a_frame_that_can_do_nothing(client: Client) -> None:
    answer = client.post(PATH + "preview/", {**TYPED, "html": "<p>{{ patron.name }}</p>", "patron": "jdoe"})
    assert "<p>Jane Doe</p>" in answer.content.decode()
    assert answer["Content-Security-Policy"].endswith("sandbox")
    assert answer["X-Frame-Options"] == "SAMEORIGIN"

    sms = client.post(PATH + "preview/", {**TYPED, "part": "sms"})
    assert (sms.content.decode(), sms["Content-Type"]) == ("$4.50", "text/plain; charset=utf-8")
    broken = client.post(PATH + "preview/", {**TYPED, "html": "<b>\n{% if <script> %}"})
    assert "Line 2:" in broken.content.decode()
    assert "<script>" not in broken.content.decode()
    assert not LetterTemplate.objects.exists()


def test_the_preview_says_that_nobody_has_the_id_rather_than_showing_somebody_else(client: Client) -> None:
    answer = client.post(PATH + "preview/", {**TYPED, "html": "<p>{{ patron.name }}</p>", "patron": "<b>nobody"})

    assert answer.content.decode() == "<!DOCTYPE html><p>No patron has the id &lt;b&gt;nobody.</p>"


def test_a_kind_is_switched_and_a_test_is_sent(client: Client) -> None:
    client.post("/configuration/letters/OVERDUE_1/switch/")
    assert LetterSwitch.objects.get().is_on is False
    off = client.post("/configuration/letters/OVERDUE_1/en/test/", {**PLAIN, "to": "me@example.org"})
    assert "Letters of this kind are turned off. Nothing was sent." in words(off)

    client.post("/configuration/letters/OVERDUE_1/switch/", {"on": "1"})
    client.post("/configuration/letters/OVERDUE_1/en/test/", {**PLAIN, "to": "me@example.org"})

    letter = Letter.objects.get()
    assert (letter.to, letter.patron_id, letter.subject) == ("me@example.org", None, "A subject")


def test_a_test_is_sent_by_the_words_as_typed_and_the_page_keeps_them(client: Client) -> None:
    page = client.post(PATH + "test/", {**TYPED, "to": "me@example.org"})

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
    client: Client, typed: dict[str, str], sentence: str
) -> None:
    page = client.post(PATH + "test/", {**TYPED, "to": "me@example.org", "text": "Typed just now", **typed})

    assert page.status_code == 422
    assert sentence in words(page)
    assert "Typed just now" in page.content.decode() and "me@example.org" in page.content.decode()
    assert not Letter.objects.exists()


@pytest.mark.parametrize("typed", [{"html": "<p>{{ patron.nme }}</p>"}, {"text": ""}, {"subject": "x" * 301}])
def test_the_preview_refuses_what_save_refuses_in_the_same_words(client: Client, typed: dict[str, str]) -> None:
    refused = words(send(client, PATH, {**TYPED, **typed}))

    field, _colon, sentence = words(client.post(PATH + "preview/", {**TYPED, **typed})).partition(": ")

    assert field in ("HTML", "Text", "Subject")
    assert len(sentence) > 10 and sentence in refused


@pytest.mark.parametrize("path", ["NO_SUCH/en/", "TILL/english/"])
def test_a_letter_that_there_is_not_is_not_found(client: Client, path: str) -> None:
    assert client.get(f"/configuration/letters/{path}").status_code == 404


def test_the_token_is_kept_sealed_and_never_shown(client: Client) -> None:
    path = "/configuration/letter-settings/"
    typed = {"is_on": "on", "sender_name": "Main", "sms_url": "https://sms.example/send", "sms_token": "s3cret"}

    assert send(client, path, typed).status_code == 302

    assert unseal(LetterSettings.objects.get().sms_token_sealed) == "s3cret"
    page = client.get(path).content.decode()
    assert "s3cret" not in page
    assert "https://sms.example/send" in page
    refused = send(client, path, {**typed, "sender_email": "nobody", "sms_url": "http://10.0.0.1/"})
    assert refused.status_code == 422
