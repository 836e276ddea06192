"""The built-in words of every kind say something by every channel, in each language that they are in."""

import re

import pytest

from amerce.letters.defaults import BUILT_IN_LANGUAGES, built_in, layout
from amerce.letters.kinds import KINDS, OFFERED, LetterKind
from amerce.letters.language import UNKNOWN_BEGIN, Dress, compiled, frozen, rendered
from amerce.letters.samples import sample
from tests.letters.writing import new_letter, write
from tests.world import NOON, Library

DRESSES = {"en": Dress("USD", "en_US", "UTC"), "de": Dress("EUR", "de_DE", "UTC")}
PARTS = ["subject", "html", "text", "sms"]
SHARED_WORDS = {"barcode", "export", "import", "was"}
"""Words that are spelled alike in English and German."""
_TAGS = re.compile(r"{%.*?%}|{{.*?}}|<[^>]+>", re.DOTALL)


def said_by(kind: str, language: str, part: str, **facts: object) -> str:
    known = frozen({"institution": {"name": "Main"}, "today": NOON.date().isoformat()} | sample(kind) | facts)
    words = built_in(kind, language).as_dict()[part]
    return rendered(compiled(DRESSES[language], words, is_checking=True), known, escapes=part == "html")


def own_words(kind: str, language: str) -> set[str]:
    """The words that stand in the templates themselves, whatever the facts are."""
    text = " ".join(_TAGS.sub(" ", each) for each in built_in(kind, language).as_dict().values())
    return {each.lower() for each in re.findall(r"[^\W\d_]{3,}", text)}


def test_every_kind_is_described() -> None:
    assert set(KINDS) == set(LetterKind)
    assert BUILT_IN_LANGUAGES == ("de", "en")


def test_nothing_is_offered_that_nothing_writes() -> None:
    assert set(LetterKind) - set(OFFERED) == {LetterKind.TILL}


@pytest.mark.parametrize("language", BUILT_IN_LANGUAGES)
@pytest.mark.parametrize("kind", LetterKind.values)
@pytest.mark.parametrize("part", PARTS)
def test_they_name_nothing_that_is_not_there(kind: str, part: str, language: str) -> None:
    said = said_by(kind, language, part)

    assert said.strip()
    assert UNKNOWN_BEGIN not in said


@pytest.mark.parametrize("kind", LetterKind.values)
def test_no_english_word_is_left_in_german(kind: str) -> None:
    assert own_words(kind, "de") & own_words(kind, "en") <= SHARED_WORDS
    assert built_in(kind, "de") != built_in(kind, "en")


@pytest.mark.parametrize("kind", LetterKind.values)
def test_german_names_the_same_facts_as_english(kind: str) -> None:
    def named(language: str) -> list[set[str]]:
        parts = built_in(kind, language).as_dict().values()
        return [set(re.findall(r"{{ ?([\w.]+)", each)) for each in parts]

    assert named("de") == named("en")


def test_german_writes_amounts_and_days_as_german_does() -> None:
    assert said_by("FINES_FEES_NOTIFICATION", "de", "sms") == (
        "Main Library: Auf Ihrem Konto sind Gebühren von 23,50\xa0€ offen."
    )
    assert "Guten Tag Élodie Moreau," in said_by("OVERDUE_1", "de", "text")
    assert "Fällig am: 02.03.2026, 10:30" in said_by("OVERDUE_1", "de", "text")
    assert said_by("OVERDUE_3", "de", "subject") == "3. Mahnung, überfällig: The leopard"
    one = said_by("ACTIVITY_REPORT", "de", "sms")
    assert one == "Main: 1 Ausleihe, 1 überfällig, offen 23,50\xa0€."


@pytest.mark.parametrize("part", ["html", "text"])
def test_german_quotes_why_a_run_failed_as_the_english_that_it_is(part: str) -> None:
    said = said_by("BURSAR_RUN", "de", part, outcome="failed", error="There is no folder a<b.")

    quoted = {"html": '„<span lang="en">There is no folder a&lt;b.</span>“', "text": "„There is no folder a<b.“"}
    assert f"Der Lauf ist fehlgeschlagen. Das System meldet auf Englisch: {quoted[part]}" in said
    assert "auf Englisch" not in said_by("BURSAR_RUN", "de", part, outcome="failed", error="")


@pytest.mark.parametrize(
    ("balance_minor", "sentence"),
    [
        (1900, "Auf Ihrem Konto sind jetzt noch 19,00\xa0€ offen."),
        (0, "Es ist nichts mehr offen."),
        (-1000, "Der Saldo Ihres Kontos ist jetzt -10,00\xa0€, also ein Guthaben."),
    ],
)
def test_german_takes_no_debt_for_a_credit(balance_minor: int, sentence: str) -> None:
    assert sentence in said_by("PAYMENT_RECEIPT", "de", "text", balance_minor=balance_minor)


def test_a_language_without_words_begins_with_the_english_ones() -> None:
    assert built_in("LOST", "fr") == built_in("LOST", "en")
    assert "{{ body }}" in layout("email")


@pytest.mark.django_db
@pytest.mark.parametrize("language", BUILT_IN_LANGUAGES)
@pytest.mark.parametrize("kind", [each for each in LetterKind.values if each != "FEE_CHARGED"])
def test_every_kind_is_written_by_every_channel(library: Library, kind: str, language: str) -> None:
    new = new_letter(library, kind=kind, channels=("email", "sms", "print"), to="a@example.org", language=language)

    letters = write(library, new)

    assert [(each.channel, each.language) for each in letters] == [
        ("email", language),
        ("sms", language),
        ("print", language),
    ]
    assert len({each.subject for each in letters}) == 1
    assert all(len(bytes(each.body)) > 20 for each in letters)
