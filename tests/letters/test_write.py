"""Letters are made when they are written, once each, as they will be sent."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from amerce.letters.models import Letter, LetterSettings, LetterSwitch, LetterTemplate
from amerce.letters.samples import sample
from tests.letters.writing import FEES, new_letter, parsed, reach, save_words_of, write, write_one
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_an_email_stands_as_it_will_be_sent(library: Library) -> None:
    # given
    reach(library.patron, "email", "jane@example.org")
    LetterSettings.objects.create(
        institution=library.institution, sender_name="Main Library", sender_email="desk@example.org",
        reply_to="ask@example.org", address="1 Main Street\nSpringfield",
    )  # fmt: skip

    # when
    letter = write_one(library)

    # then
    letter.refresh_from_db()
    assert (letter.state, letter.to, letter.created_at, letter.attempts) == ("waiting", "jane@example.org", NOON, 0)
    assert letter.subject == "Fines and fees: $23.50"
    message = parsed(bytes(letter.body))
    assert message["Subject"] == "Fines and fees: $23.50"
    assert message["From"] == "Main Library <desk@example.org>"
    assert message["To"] == "jane@example.org"
    assert message["Reply-To"] == "ask@example.org"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == letter.message_id
    assert letter.message_id.endswith("@example.org>")
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None and html is not None
    lines = text.get_content().splitlines()
    assert {"Dear Jane Doe,", "Total: $23.50", "1 Main Street", "Springfield"} <= set(lines)
    assert '<td class="amount">$4.50</td>' in html.get_content()


def test_a_letter_of_the_same_key_and_channel_is_written_once(library: Library) -> None:
    reach(library.patron, "email", "jane@example.org")
    first = write_one(library)

    (again, other) = write(library, new_letter(library), new_letter(library, key="run:2"))

    assert again.pk == first.pk
    assert other.pk != first.pk
    assert Letter.objects.count() == 2


def test_each_channel_gets_its_letter(library: Library) -> None:
    reach(library.patron, "phone", "+1 202 555 0143")

    letters = write(library, new_letter(library, channels=("email", "sms", "print")))

    assert [(each.channel, each.state, each.to) for each in letters] == [
        ("email", "no_address", ""),
        ("sms", "waiting", "+1 202 555 0143"),
        ("print", "waiting", ""),
    ]
    assert bytes(letters[1].body).decode() == "Main Library: you owe $23.50 in fines and fees."
    assert b"<!DOCTYPE html>" in bytes(letters[2].body)
    assert "To" not in parsed(bytes(letters[0].body))


@pytest.mark.parametrize("typed", ["no address", "a@b", "jane@example.org\nBcc: all@example.org", "@example.org"])
def test_what_is_no_address_is_not_written_to(library: Library, typed: str) -> None:
    reach(library.patron, "email", typed)

    assert write_one(library).state == "no_address"


def test_an_address_that_does_not_hold_today_is_not_written_to(library: Library) -> None:
    reach(library.patron, "email", "old@example.org", ends_on="2026-03-01")
    reach(library.patron, "email", "now@example.org", is_preferred=False, starts_on="2026-03-02")

    assert write_one(library).to == "now@example.org"


def test_no_header_begins_within_a_subject(library: Library) -> None:
    reach(library.patron, "email", "jane@example.org")
    loan = sample("LOST")["loan"] | {"title": "Traps\r\nBcc: all@example.org\r\n\r\nand\u202e more"}

    letter = write_one(library, kind="LOST", data=sample("LOST") | {"loan": loan})

    message = parsed(bytes(letter.body))
    assert message["Subject"] == "Lost: Traps Bcc: all@example.org and more"
    assert message["Bcc"] is None


def test_names_are_escaped_in_html_and_not_in_text(library: Library) -> None:
    reach(library.patron, "email", "jane@example.org")
    library.patron.first_name = "<script>alert(1)</script> & Co"
    library.patron.save()

    message = parsed(bytes(write_one(library).body))

    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None and html is not None
    assert "Dear <script>alert(1)</script> & Co Doe," in text.get_content()
    assert "<script>" not in html.get_content()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Co Doe" in html.get_content()


def test_a_kind_that_is_off_is_not_written(library: Library) -> None:
    LetterSwitch.objects.create(institution=library.institution, kind=FEES, is_on=False)

    assert write(library, new_letter(library), new_letter(library, kind="FEE_CHARGED", key="fee:1")) == []
    LetterSwitch.objects.update(is_on=True)
    assert len(write(library, new_letter(library))) == 1
    LetterSettings.objects.create(institution=library.institution, is_on=False)
    assert write(library, new_letter(library, key="run:2")) == []


def test_the_words_of_the_institution_go_before_the_built_in_ones(library: Library) -> None:
    LetterTemplate.objects.create(
        institution=library.institution, kind=FEES, language="fr", subject="Vous devez {{ total_minor|money }}",
        html="<p>{{ today|day }}</p>", text="{{ today|day }}", sms="",
    )  # fmt: skip
    library.patron.preferred_language = "fr"
    library.patron.save()

    letter = write_one(library)

    assert (letter.language, letter.subject) == ("fr", "Vous devez 23,50 $US")
    assert write_one(library, key="run:2", language="en").subject == "Fines and fees: $23.50"


def test_who_prefers_german_is_written_to_in_german_out_of_the_box(library: Library) -> None:
    library.patron.preferred_language = "de"
    library.patron.save()

    letter = write_one(library)

    assert (letter.language, letter.subject) == ("de", "Offene Gebühren: 23,50 $")
    body = parsed(bytes(letter.body)).get_body(("html",))
    assert body is not None and 'lang="de"' in body.get_content()


@pytest.mark.parametrize(("prefers", "language"), [("", "de"), ("fr", "de"), ("en", "en"), ("DE", "de")])
def test_a_german_institution_writes_german_unless_another_language_is_preferred(
    library: Library, prefers: str, language: str
) -> None:
    library.institution.locale = "de_AT"
    library.institution.save()
    library.patron.preferred_language = prefers
    library.patron.save()

    assert write_one(library).language == language


def test_own_words_hold_in_their_language_alone(library: Library) -> None:
    save_words_of(library, subject="Own English")

    assert write_one(library, language="en").subject == "Own English"
    assert write_one(library, key="run:2", language="de").subject == "Offene Gebühren: 23,50 $"
    save_words_of(library, language="de", subject="Eigenes Deutsch")
    assert write_one(library, key="run:3", language="de").subject == "Eigenes Deutsch"


@pytest.mark.parametrize(
    ("language", "built_in", "subject"),
    [
        ("en", "en", "Fines and fees: $23.50"),
        ("de", "de", "Offene Gebühren: 23,50 $"),
        ("fr", "en", "Fines and fees: $23.50"),
    ],
)
def test_words_that_go_wrong_give_way_to_the_built_in_ones(
    library: Library, language: str, built_in: str, subject: str
) -> None:
    LetterTemplate.objects.create(
        institution=library.institution,
        kind=FEES,
        language=language,
        subject="{{ profile|money }}",
        html="",
        text="",
        sms="",
    )

    letter = write_one(library, language=language)

    assert (letter.language, letter.subject) == (built_in, subject)


def test_a_letter_to_staff_has_no_patron(library: Library) -> None:
    letter = write_one(library, kind="TILL", key="till:1", patron_id=None, to="boss@example.org")

    assert (letter.state, letter.patron_id, letter.to) == ("waiting", None, "boss@example.org")
    assert letter.subject == "Till Main Library, Circulation Desk: $23.50"


def test_many_letters_are_written_by_as_many_statements_as_one(library: Library) -> None:
    patrons = [library.new_patron(f"p{number}", first_name="A", last_name="B") for number in range(40)]
    write_one(library)
    counts = []
    for some in (patrons[:2], patrons[2:]):
        letters = [new_letter(library, key=f"many:{each.pk}", patron_id=each.pk) for each in some]
        with CaptureQueriesContext(connection) as queries:
            assert len(write(library, *letters)) == len(some)
        counts.append(len(queries) - sum("INSERT" in each["sql"] for each in queries))

    assert counts[0] == counts[1] <= 16


def test_letters_of_another_institution_are_not_in_the_way(library: Library, other_library: Library) -> None:
    write_one(library)
    write_one(other_library)

    assert sorted(Letter.objects.values_list("institution__code", "key")) == [("MAIN", "run:1"), ("OTHER", "run:1")]
