"""Words that cannot become a letter are refused when they are saved, and settings hold what they may."""

from dataclasses import replace
from typing import Any

import pytest

from amerce.access.can import NotAllowed
from amerce.access.sealed import unseal
from amerce.events.models import Event
from amerce.inputs.errors import ChoiceUnknown, OutOfDate, TextMalformed, TextTooLong
from amerce.inputs.stamp import stamp_of
from amerce.institutions.save_printer import EmailNotTaken
from amerce.letters.configure import (
    LetterSettingsFacts,
    restore_words,
    save_letter_settings,
    save_words,
    settings_of,
    switch_kind,
)
from amerce.letters.defaults import built_in
from amerce.letters.errors import GatewayNotTaken, WordsBroken, WordsMissing
from amerce.letters.models import LetterSettings, LetterSwitch, LetterTemplate
from tests.letters.writing import FEES, write_one
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


def save(library: Library, *, language: str = "en", role: str = "user_administrator", **parts: str) -> bool:
    words = replace(built_in(FEES), **parts)
    actor = library.staff(role, at_desk=False)
    return save_words(actor=actor, at=NOON, kind=FEES, language=language, words=words)


def test_words_hold_from_now_on_and_are_restored(library: Library) -> None:
    assert save(library, subject="You owe {{ total_minor|money }}")
    assert not save(library, subject="You owe {{ total_minor|money }}")
    assert write_one(library).subject == "You owe $23.50"

    actor = library.staff("user_administrator")
    assert restore_words(actor=actor, at=NOON, kind=FEES, language="en")
    assert not restore_words(actor=actor, at=NOON, kind=FEES, language="en")

    assert write_one(library, key="run:2").subject == "Fines and fees: $23.50"
    changed, restored = Event.objects.filter(name="letter_words.changed").order_by("pk")
    assert changed.data["after"]["subject"] == "You owe {{ total_minor|money }}"
    assert restored.data["is_restored"]


@pytest.mark.parametrize(
    ("part", "text", "line", "reason"),
    [
        ("html", "<p>\n{% if total_minor %}\n</p>", 2, "Unclosed tag"),
        ("html", "a\nb\n{{ patron.nmae }}", 3, "patron.nmae"),
        ("text", "a\n{% load i18n %}", 2, "Invalid block tag"),
        ("sms", "{{ profile|money }}", 1, ""),
        ("subject", "{{ total_minor|euros }}", 1, "Invalid filter"),
        ("html", "{% for a in fees %}{% for b in fees %}" * 8 + "{% endfor %}{% endfor %}" * 8, 1, "too long"),
        ("text", "{% include 'web/base.html' %}", 1, "Invalid block tag"),
    ],
)
def test_words_that_cannot_become_a_letter_are_refused_with_their_line(
    library: Library, part: str, text: str, line: int, reason: str
) -> None:
    with pytest.raises(WordsBroken) as refused:
        save(library, **{part: text})

    assert (refused.value.field, refused.value.line) == (part, line)
    assert reason in refused.value.reason
    assert not LetterTemplate.objects.exists()
    assert not Event.objects.filter(name="letter_words.changed").exists()


@pytest.mark.parametrize(
    ("error", "parts"),
    [
        (WordsMissing, {"sms": "  "}),
        (TextTooLong, {"html": "x" * 20_001}),
        (TextMalformed, {"text": "a\u202eb"}),
        (ChoiceUnknown, {"language": "../etc"}),
        (NotAllowed, {"role": "circulation_desk_manager"}),
    ],
)
def test_other_words_are_refused_and_nothing_is_kept(library: Library, error: Any, parts: dict[str, str]) -> None:
    with pytest.raises(error):
        save(library, **{"subject": "Hello", **parts})

    assert not LetterTemplate.objects.exists()


def test_of_two_people_the_second_is_told(library: Library) -> None:
    stamp = stamp_of(built_in(FEES))
    save(library, subject="First")

    with pytest.raises(OutOfDate):
        save_words(
            actor=library.staff("user_administrator"),
            at=NOON,
            kind=FEES,
            language="en",
            words=replace(built_in(FEES), subject="Second"),
            expected_stamp=stamp,
        )
    assert LetterTemplate.objects.get().subject == "First"


def test_a_kind_is_turned_off_and_on(library: Library) -> None:
    actor = library.staff("user_administrator")

    assert switch_kind(actor=actor, at=NOON, kind=FEES, is_on=False)
    assert not switch_kind(actor=actor, at=NOON, kind=FEES, is_on=False)
    assert switch_kind(actor=actor, at=NOON, kind=FEES, is_on=True)

    row = LetterSwitch.objects.get()
    assert (row.is_on, row.updated_by, row.updated_at) == (True, actor.name, NOON)
    with pytest.raises(NotAllowed):
        switch_kind(actor=library.operator, at=NOON, kind=FEES, is_on=False)
    with pytest.raises(ChoiceUnknown):
        switch_kind(actor=actor, at=NOON, kind="NO_SUCH", is_on=False)


def change(
    library: Library, role: str = "general_system_administrator", token: str | None = None, **facts: Any
) -> bool:
    wanted = replace(settings_of(library.institution), **facts)
    return save_letter_settings(actor=library.staff(role), at=NOON, facts=wanted, sms_token=token)


def test_settings_are_kept_and_the_token_is_sealed(library: Library) -> None:
    assert change(library, "general_system_administrator", "s3cret", sender_name="Main", sms_url="https://sms.example/")
    assert not change(library)

    row = LetterSettings.objects.get()
    assert unseal(row.sms_token_sealed) == "s3cret"
    assert settings_of(library.institution) == LetterSettingsFacts(
        sender_name="Main", sms_url="https://sms.example/", has_sms_token=True
    )
    assert "s3cret" not in str(Event.objects.get(name="letter_settings.changed").data)
    assert change(library, has_sms_token=False)
    assert LetterSettings.objects.get().sms_token_sealed == ""


@pytest.mark.parametrize(
    ("error", "facts"),
    [
        (EmailNotTaken, {"sender_email": "nobody"}),
        (EmailNotTaken, {"reply_to": "a@example.org\nBcc: b@example.org"}),
        (TextMalformed, {"sender_name": "Main\nBcc: b@example.org"}),
        (TextTooLong, {"phone": "1" * 61}),
        (GatewayNotTaken, {"sms_url": "http://sms.example/"}),
        (GatewayNotTaken, {"sms_url": "https://127.0.0.1/"}),
        (GatewayNotTaken, {"sms_url": "file:///etc/passwd"}),
        (NotAllowed, {"role": "user_administrator", "phone": "1"}),
    ],
)
def test_settings_that_cannot_hold_are_refused(library: Library, error: Any, facts: dict[str, Any]) -> None:
    with pytest.raises(error):
        change(library, **facts)

    assert not LetterSettings.objects.exists()
