"""Words that cannot become a letter are refused when they are saved, with the line that is wrong."""

from typing import Any

import pytest

from amerce.access.can import NotAllowed
from amerce.events.models import Event
from amerce.inputs.errors import ChoiceUnknown, TextMalformed, TextTooLong
from amerce.letters.errors import WordsBroken, WordsMissing
from amerce.letters.models import LetterTemplate
from tests.letters.writing import save_words_of as save
from tests.world import Library

pytestmark = pytest.mark.django_db


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
