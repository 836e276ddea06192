import pytest

from amerce.inputs.checks import (
    can_be_seen,
    checked_name,
    checked_number,
    checked_row,
    checked_text,
    possible_ids,
    typed_ids,
    without_unseen,
)
from amerce.inputs.errors import ChoiceUnknown, NameMissing, NumberOutOfRange, TextMalformed, TextTooLong
from amerce.institutions.models import Library as LibraryRow
from tests.world import Library

UNSEEN = {
    "NUL": "a\0b",
    "first half": "\ud800",
    "second half": "\udfff",
    "escape": "\x1b[2J",
    "sorting mark": "\x98The\x9c Leopard",
    "line separator": "a\u2028b",
    "turned round": "\u202egrahc",
    "isolate": "\u2067a",
    "byte order mark": "\ufeffa",
}


@pytest.mark.parametrize("text", UNSEEN.values(), ids=UNSEEN)
def test_what_cannot_be_seen_is_refused(text: str) -> None:
    with pytest.raises(TextMalformed):
        checked_text("comment", text, 100)

    assert can_be_seen(without_unseen(text))


@pytest.mark.parametrize(
    "text", ["two\nlines\r\n\tand a tab", "Ž’š naïve – “日本語”", "שלום עולם\u200f", "मराठी\u200dक", ""]
)
def test_what_people_write_stays(text: str) -> None:
    assert checked_text("comment", text, 100) == text == without_unseen(text)


def test_a_name_is_one_line() -> None:
    with pytest.raises(TextMalformed):
        checked_name("name", "Main\nLibrary")


def test_a_name_loses_the_space_around_it_and_is_needed() -> None:
    assert checked_name("name", "  Main \n") == "Main"

    with pytest.raises(NameMissing) as refusal:
        checked_name("name", " \t ")
    assert refusal.value.field == "name"

    with pytest.raises(TextTooLong):
        checked_name("name", "x" * 201)


@pytest.mark.parametrize("number", [0, 11])
def test_a_number_out_of_its_range_is_refused_with_the_range(number: int) -> None:
    assert [checked_number("days", each, 1, 10) for each in (1, 10)] == [1, 10]

    with pytest.raises(NumberOutOfRange) as refusal:
        checked_number("days", number, 1, 10)
    assert (refusal.value.field, refusal.value.low, refusal.value.high) == ("days", 1, 10)


@pytest.mark.django_db
def test_a_choice_of_another_institution_is_unknown(library: Library, other_library: Library) -> None:
    checked_row("library_id", LibraryRow, library.institution.pk, pk=library.library.pk)

    for wrong in (other_library.library.pk, 2**70):
        with pytest.raises(ChoiceUnknown):
            checked_row("library_id", LibraryRow, library.institution.pk, pk=wrong)


def test_numbers_that_no_id_can_be_are_left_out() -> None:
    assert possible_ids([-1, 0, 1, 2**63 - 1, 2**63, 2**70]) == [1, 2**63 - 1]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("7", [7]),
        (str(2**63 - 1), [2**63 - 1]),
        (str(2**63), []),
        ("9" * 5000, []),
        ("0", []),
        ("", []),
        ("-7", []),
        ("٧", []),
        ("7a", []),
    ],
)
def test_an_id_is_typed_in_digits_or_there_is_none(text: str, ids: list[int]) -> None:
    assert typed_ids(text) == ids
