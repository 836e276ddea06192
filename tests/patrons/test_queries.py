import pytest

from amerce.access.actors import Actor
from amerce.access.can import NotAllowed
from amerce.patrons.models import Patron
from amerce.patrons.queries import (
    SUGGESTIONS_LIMIT,
    PatronNotFound,
    find_by_identifier,
    find_by_name,
    get_patron,
)
from tests.world import Library

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("typed", ["jdoe", "JDOE", " jdoe ", "\tJdOe\n", "ｊｄｏｅ"])
def test_a_primary_id_is_found_in_any_case_and_width_and_with_any_space_around_it(library: Library, typed: str) -> None:
    assert find_by_identifier(library.operator, typed) == [library.patron]


@pytest.mark.parametrize("typed", ["21234000111", "S-77", "s-77 ", "STRASSE", "straße"])
def test_a_barcode_and_any_other_id_is_found_in_any_case(library: Library, typed: str) -> None:
    patron = library.new_patron("second", identifiers={"BARCODE": "21234000111", "STUDENT": "S-77", "OLD": "Straße"})

    assert find_by_identifier(library.operator, typed) == [patron]


@pytest.mark.parametrize(
    "typed", ["", "  ", "jdo", "jdoee", "j doe", "%", "a\0b", "\0", "\ud83d", "x" * 5000, "1' OR '1'='1"]
)
def test_what_is_nobodys_id_finds_nobody(library: Library, typed: str) -> None:
    assert find_by_identifier(library.operator, typed) == []


def test_two_types_that_hold_the_same_value_find_both(library: Library) -> None:
    first = library.new_patron("first", identifiers={"BARCODE": "4711"})
    second = library.new_patron("second", identifiers={"STUDENT": "4711"})

    assert sorted(each.pk for each in find_by_identifier(library.operator, "4711")) == [first.pk, second.pk]


def test_a_patron_who_has_the_value_twice_is_found_once(library: Library) -> None:
    patron = library.new_patron("first", identifiers={"BARCODE": "4711", "STUDENT": "4711"})

    assert find_by_identifier(library.operator, "4711") == [patron]


def test_a_primary_id_goes_before_anothers_identifier(library: Library) -> None:
    patron = library.new_patron("4711")
    library.new_patron("second", identifiers={"BARCODE": "4711"})

    assert find_by_identifier(library.operator, "4711") == [patron]


@pytest.mark.parametrize("typed", ["doe", "Doe", "jane doe", "doe jane", "do ja", "DO", "d", " doe,  jane "])
def test_every_typed_word_must_begin_a_word_of_the_name(library: Library, typed: str) -> None:
    assert find_by_name(library.manager, typed) == [library.patron]


@pytest.mark.parametrize("typed", ["oe", "doe john", "jdoe", "", " ", "-", "%", "_", "a\0b"])
def test_a_name_that_nobody_has_finds_nobody(library: Library, typed: str) -> None:
    assert find_by_name(library.manager, typed) == []


@pytest.mark.parametrize("typed", ["Élodie", "elodie", "ELODIE", "moreau-kant", "kant", "moreau"])
def test_accents_and_hyphens_do_not_matter(library: Library, typed: str) -> None:
    patron = library.new_patron("em", first_name="Élodie", last_name="Moreau-Kant")

    assert find_by_name(library.manager, typed) == [patron]


def test_a_name_finds_nobody_without_the_clearance_and_does_not_say_so(library: Library) -> None:
    assert find_by_name(library.operator, "doe") == []


def test_suggestions_are_few_and_sorted_by_name(library: Library) -> None:
    for number in range(SUGGESTIONS_LIMIT + 5):
        library.new_patron(f"p{number}", first_name=f"A{number:02}", last_name="Zeta")

    found = find_by_name(library.manager, "zeta")

    assert [each.first_name for each in found] == [f"A{number:02}" for number in range(SUGGESTIONS_LIMIT)]


def test_a_whole_page_pasted_into_the_field_finds_nobody_and_breaks_nothing(library: Library) -> None:
    assert find_by_name(library.manager, " ".join(f"word{number}" for number in range(3000))) == []


@pytest.mark.parametrize("patron_id", [0, -1, 2**70, 999_999_999])
def test_a_patron_who_is_not_there_is_not_found(library: Library, patron_id: int) -> None:
    with pytest.raises(PatronNotFound):
        get_patron(library.operator, patron_id)


def test_a_patron_is_found_by_id_with_the_group(library: Library, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    actor = library.operator

    with django_assert_num_queries(1):
        found = get_patron(actor, library.patron.pk)
        assert (found.group.code, found.display_name) == ("22", "Doe, Jane")


def test_who_may_not_look_finds_nobody(library: Library) -> None:
    nobody = Actor(None, library.institution.pk, "nobody")

    with pytest.raises(NotAllowed):
        find_by_identifier(nobody, "jdoe")
    with pytest.raises(NotAllowed):
        get_patron(nobody, library.patron.pk)
    assert find_by_name(nobody, "doe") == []


def test_a_patron_without_a_name_is_shown_by_the_primary_id(library: Library) -> None:
    assert str(Patron(primary_id="B000123")) == "B000123"
    assert str(Patron(primary_id="x", last_name="Kant")) == "Kant"
