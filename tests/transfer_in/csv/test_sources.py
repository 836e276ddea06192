"""Loading people from a source again: what it loaded is brought up to date, what hands added stays."""

import pytest

from amerce.access.actors import Actor
from amerce.patrons.facts import ContactFacts
from amerce.patrons.models import Contact, Patron, UserGroup
from amerce.patrons.queries import find_by_name
from amerce.patrons.set_contact import set_contact
from amerce.transfer_in.outcome import BadRow
from tests.transfer_in.csv.loading import AT, load
from tests.world import Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]
MAPPING = """
    [institution]
    code = "MAIN"
    [patrons]
    file = "people.csv"
    SOURCE
    identifiers = { BARCODE = "card" }
    [patrons.columns]
    id = "id"
    last_name = "last"
    group = "group"
    email = "mail"
    expires_on = "until"
"""
HEAD = "id,last,group,mail,until,card\n"


@pytest.fixture
def load_people(tmp_path, library: Library):  # type: ignore[no-untyped-def]
    def loaded(*rows: str, source: str = 'source = "SIS"', **options):  # type: ignore[no-untyped-def]
        mapping = tmp_path / "mapping.toml"
        mapping.write_text(MAPPING.replace("SOURCE", source), encoding="utf-8")
        (tmp_path / "people.csv").write_text(HEAD + "".join(f"{row}\n" for row in rows), encoding="utf-8")
        counts = load(tmp_path, mapping=mapping, **options).files[0]
        return counts.made, counts.updated, counts.unchanged, counts.differing

    return loaded


FIRST = "s1,Kant,58,kant@school.example,2027-08-31,C1"


def test_a_source_makes_external_records_with_what_it_loaded_marked(load_people) -> None:  # type: ignore[no-untyped-def]
    assert load_people(FIRST) == (1, 0, 0, 0)
    assert load_people(FIRST) == (0, 0, 1, 0)

    patron = Patron.objects.get(primary_id="s1")
    assert (patron.kind, patron.source_system, patron.source_id, patron.synced_at) == ("external", "SIS", "s1", AT)
    assert patron.contacts.get().is_loaded
    assert patron.identifiers.get().is_loaded


def test_a_later_load_changes_what_was_loaded_and_nothing_that_hands_added(  # type: ignore[no-untyped-def]
    load_people, library: Library
) -> None:
    load_people(FIRST)
    patron = Patron.objects.get(primary_id="s1")
    own = ContactFacts(Contact.Kind.EMAIL, "own@example.org", ("personal",), is_preferred=True)
    actor: Actor = library.staff("user_manager")
    set_contact(actor=actor, at=AT, patron_id=patron.pk, expected_seq=0, contact=own)
    patron.identifiers.create(institution=library.institution, type="BARCODE", value="HAND", folded="hand")
    changed = "s1,Kant-Hume,22,hume@school.example,2028-08-31,C2"

    assert load_people(changed, is_dry_run=True) == (0, 1, 0, 0)
    assert load_people(changed) == (0, 1, 0, 0)
    assert load_people(changed) == (0, 0, 1, 0)

    patron.refresh_from_db()
    assert (patron.last_name, patron.group, str(patron.expires_on), patron.seq) == (
        "Kant-Hume",
        UserGroup.objects.get(institution=library.institution, code="22"),
        "2028-08-31",
        2,
    )
    assert set(patron.identifiers.values_list("value", "is_loaded")) == {("C2", True), ("HAND", False)}
    assert set(patron.contacts.values_list("text", "is_preferred", "is_loaded")) == {
        ("own@example.org", True, False),
        ("hume@school.example", False, True),
    }
    assert find_by_name(library.manager, "hume") == [patron]


def test_what_the_source_drops_is_dropped(load_people) -> None:  # type: ignore[no-untyped-def]
    load_people(FIRST)

    assert load_people("s1,Kant,58,,2027-08-31,") == (0, 1, 0, 0)

    patron = Patron.objects.get(primary_id="s1")
    assert (patron.contacts.count(), patron.identifiers.count()) == (0, 0)


@pytest.mark.parametrize("source", ["", 'source = "HR"'])
def test_a_record_of_another_source_and_an_internal_one_stay_as_they_are(  # type: ignore[no-untyped-def]
    load_people, source: str
) -> None:
    load_people(FIRST, source=source)

    assert load_people(FIRST.replace("Kant", "Hume")) == (0, 0, 0, 1)
    assert Patron.objects.get(primary_id="s1").last_name == "Kant"


def test_an_identifier_that_is_somebody_elses_stops_the_load(load_people, library: Library) -> None:  # type: ignore[no-untyped-def]
    load_people(FIRST)
    library.new_patron("other", identifiers={"BARCODE": "C9"})

    with pytest.raises(BadRow):
        load_people(FIRST.replace("C1", "C9"))
    assert Patron.objects.get(primary_id="s1").identifiers.get().value == "C1"
