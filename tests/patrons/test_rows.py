"""Identifiers, contacts, notes and proxies of a record: set, changed, removed, refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from amerce.access.can import NotAllowed
from amerce.patrons import errors
from amerce.patrons.delete_patron_note import delete_patron_note
from amerce.patrons.facts import ContactFacts, IdentifierFacts
from amerce.patrons.models import Contact, Patron, PatronIdentifier, PatronNote, Proxy
from amerce.patrons.prefer_contact import prefer_contact
from amerce.patrons.queries import find_by_identifier, preferred_contacts
from amerce.patrons.remove_contact import remove_contact
from amerce.patrons.remove_identifier import remove_identifier
from amerce.patrons.remove_proxy import remove_proxy
from amerce.patrons.set_contact import set_contact
from amerce.patrons.set_identifier import set_identifier
from amerce.patrons.set_proxy import set_proxy
from amerce.patrons.write_patron_note import NoteFacts, write_patron_note
from tests.patrons.people import ADDRESS, EMAIL, external, last_event, manager, no_record_written
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
NOTE = NoteFacts("CIRCULATION", "Prefers e-mail")


def act(library: Library, command: Callable[..., Any], patron: Patron | None = None, **inputs: Any) -> Any:
    """The command by the user manager, on the record as it is now."""
    patron = Patron.objects.get(pk=(patron or library.patron).pk)
    inputs = {"actor": manager(library), "expected_seq": patron.seq, **inputs}
    return command(at=NOON, patron_id=patron.pk, **inputs)


def texts(patron: Patron, kind: str = "email") -> list[tuple[str, bool]]:
    return list(patron.contacts.filter(kind=kind).order_by("pk").values_list("text", "is_preferred"))


def test_a_patron_has_several_identifiers_also_of_one_type(library: Library) -> None:
    for value in ("A1", "A2"):
        act(library, set_identifier, identifier=IdentifierFacts("BARCODE", f" {value} "))

    assert find_by_identifier(library.operator, "a2") == [library.patron]
    assert list(library.patron.identifiers.values_list("type", "value")) == [("BARCODE", "A1"), ("BARCODE", "A2")]


def test_an_identifier_is_changed_and_removed_and_events_never_hold_it(library: Library) -> None:
    row = act(library, set_identifier, identifier=IdentifierFacts("BARCODE", "A1")).row_id
    act(library, set_identifier, identifier=IdentifierFacts("UNIV_ID", "B2"), identifier_id=row)

    assert last_event().data == {
        "seq": 2,
        "identifier": row,
        "type": "UNIV_ID",
        "is_new": False,
        "changed": ["type", "value"],
        "before": {"type": "BARCODE"},
        "after": {"type": "UNIV_ID"},
    }
    act(library, remove_identifier, identifier_id=row)
    assert not library.patron.identifiers.exists()
    assert (last_event().name, last_event().data["type"]) == ("patron.identifier_removed", "UNIV_ID")


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        (IdentifierFacts("BARCODE", "taken"), errors.IdTaken),
        (IdentifierFacts("BARCODE", " "), errors.FieldMissing),
        (IdentifierFacts("", "A1"), errors.FieldMissing),
        (IdentifierFacts("NOBODYS", "A1"), errors.CodeUnknown),
        (IdentifierFacts("BARCODE", "a\tb"), errors.FieldMalformed),
        (IdentifierFacts("BARCODE", "x" * 101), errors.FieldTooLong),
    ],
)
def test_an_identifier_that_cannot_be_is_refused(
    library: Library, facts: IdentifierFacts, error: type[Exception]
) -> None:
    library.new_patron("holder", identifiers={"BARCODE": "TAKEN"})
    manager(library)

    with no_record_written(), pytest.raises(error):
        act(library, set_identifier, identifier=facts)


def test_the_first_contact_of_a_kind_is_preferred_and_a_preferred_one_takes_over(library: Library) -> None:
    act(library, set_contact, contact=EMAIL)
    act(library, set_contact, contact=ADDRESS)
    act(library, set_contact, contact=replace(EMAIL, text="two@example.org"))
    assert texts(library.patron) == [("jane@example.org", True), ("two@example.org", False)]

    act(library, set_contact, contact=replace(EMAIL, text="three@example.org", is_preferred=True))

    assert [preferred for _text, preferred in texts(library.patron)] == [False, False, True]
    found = preferred_contacts(library.institution.pk, [library.patron.pk], Contact.Kind.EMAIL)
    assert found[library.patron.pk].text == "three@example.org"


def test_when_the_preferred_one_goes_the_oldest_takes_its_place(library: Library) -> None:
    first = act(library, set_contact, contact=EMAIL).row_id
    act(library, set_contact, contact=replace(EMAIL, text="two@example.org"))
    act(library, remove_contact, contact_id=first)

    assert texts(library.patron) == [("two@example.org", True)]


def test_an_only_contact_stays_preferred_and_another_gives_it_away(library: Library) -> None:
    first = act(library, set_contact, contact=EMAIL).row_id
    act(library, set_contact, contact=replace(EMAIL, note="home"), contact_id=first)
    assert texts(library.patron) == [("jane@example.org", True)]

    second = act(library, set_contact, contact=replace(EMAIL, text="two@example.org")).row_id
    act(library, prefer_contact, contact_id=second)
    assert texts(library.patron) == [("jane@example.org", False), ("two@example.org", True)]

    act(library, set_contact, contact=replace(EMAIL, text="two@example.org"), contact_id=second)
    assert texts(library.patron) == [("jane@example.org", True), ("two@example.org", False)]


def test_an_address_keeps_its_parts_and_is_written_as_on_an_envelope(library: Library) -> None:
    facts = replace(ADDRESS, text=" Flat 5 \n\n 21 Cable Row ", state_province="IL", country="US", note="Ring twice")

    row = act(library, set_contact, contact=facts).row_id

    kept = Contact.objects.get(pk=row)
    assert kept.lines == ["Flat 5", "21 Cable Row", "Falls IL 60999", "US"]
    assert ContactFacts.of(kept) == replace(facts, text="Flat 5\n21 Cable Row", is_preferred=True)
    assert last_event().data["after"] == {"types": ["home"], "is_preferred": True, "is_preferred_sms": False}


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        (replace(EMAIL, text="nobody"), errors.EmailMalformed),
        (replace(EMAIL, text=" "), errors.FieldMissing),
        (replace(EMAIL, types=("home",)), errors.CodeUnknown),
        (replace(ADDRESS, text="1\n2\n3\n4\n5\n6"), errors.TooManyLines),
        (replace(ADDRESS, city="x" * 256), errors.FieldTooLong),
        (replace(ADDRESS, starts_on=date(2026, 2, 1), ends_on=date(2026, 1, 1)), errors.DaysReversed),
    ],
)
def test_a_contact_that_cannot_be_is_refused(library: Library, facts: ContactFacts, error: type[Exception]) -> None:
    manager(library)

    with no_record_written(), pytest.raises(error):
        act(library, set_contact, contact=facts)


def test_what_was_loaded_is_protected_and_may_only_lose_its_preference(library: Library) -> None:
    patron = external(library)
    manager(library)
    mail, barcode = patron.contacts.get().pk, patron.identifiers.get().pk

    for command, inputs in (
        (set_contact, {"contact": EMAIL, "contact_id": mail}),
        (remove_contact, {"contact_id": mail}),
        (set_identifier, {"identifier": IdentifierFacts("BARCODE", "X"), "identifier_id": barcode}),
        (remove_identifier, {"identifier_id": barcode}),
    ):
        with no_record_written(), pytest.raises(errors.RowProtected):
            act(library, command, patron, **inputs)
    act(library, set_contact, patron, contact=replace(EMAIL, is_preferred=True))
    assert texts(patron) == [("erik@school.example", False), ("jane@example.org", True)]


def test_a_note_is_written_changed_and_deleted_and_its_words_are_in_no_event(library: Library) -> None:
    row = act(library, write_patron_note, note=NOTE).row_id
    act(library, write_patron_note, note=replace(NOTE, text="Prefers letters", is_popup=True), note_id=row)

    kept = PatronNote.objects.get(pk=row)
    assert (kept.text, kept.is_popup, kept.created_by) == ("Prefers letters", True, "main-user_manager")
    assert last_event().data["before"] == {"is_popup": False}
    assert "letters" not in str(last_event().data)
    act(library, delete_patron_note, note_id=row)
    assert not PatronNote.objects.exists()


@pytest.mark.parametrize(
    ("note", "error"),
    [
        (replace(NOTE, text=" "), errors.FieldMissing),
        (replace(NOTE, text="x" * 2001), errors.FieldTooLong),
        (replace(NOTE, type="GOSSIP"), errors.CodeUnknown),
        (replace(NOTE, type=""), errors.FieldMissing),
    ],
)
def test_a_note_that_cannot_be_is_refused(library: Library, note: NoteFacts, error: type[Exception]) -> None:
    manager(library)

    with no_record_written(), pytest.raises(error):
        act(library, write_patron_note, note=note)


def test_a_proxy_may_borrow_until_it_is_taken_back(library: Library) -> None:
    proxy = library.new_patron("proxy")

    act(library, set_proxy, proxy_id=proxy.pk)
    assert Proxy.objects.get().proxy == proxy
    with no_record_written(), pytest.raises(errors.AlreadyProxy):
        act(library, set_proxy, proxy_id=proxy.pk)
    act(library, remove_proxy, proxy_id=proxy.pk)

    assert not Proxy.objects.exists()
    assert (last_event().name, last_event().data) == ("patron.proxy_removed", {"seq": 2, "proxy": proxy.pk})


def test_nobody_is_their_own_proxy_and_only_proxy_groups_borrow_for_others(library: Library) -> None:
    guest = library.new_patron("guest")
    guest.group.is_proxy = False
    guest.group.save()
    manager(library)

    with no_record_written(), pytest.raises(errors.ProxyOfSelf):
        act(library, set_proxy, proxy_id=library.patron.pk)
    with no_record_written(), pytest.raises(errors.GroupNotProxy):
        act(library, set_proxy, proxy_id=guest.pk)


COMMANDS: dict[Callable[..., Any], dict[str, Any]] = {
    set_identifier: {"identifier": IdentifierFacts("BARCODE", "A1")},
    remove_identifier: {"identifier_id": 1},
    set_contact: {"contact": EMAIL},
    prefer_contact: {"contact_id": 1},
    remove_contact: {"contact_id": 1},
    write_patron_note: {"note": NOTE},
    delete_patron_note: {"note_id": 1},
    set_proxy: {"proxy_id": 1},
    remove_proxy: {"proxy_id": 1},
}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_only_the_user_manager_may_and_only_on_a_page_that_is_not_out_of_date(
    library: Library, command: Callable[..., Any]
) -> None:
    actor = library.manager
    manager(library)

    with no_record_written(), pytest.raises(NotAllowed):
        act(library, command, **COMMANDS[command], actor=actor)
    with no_record_written(), pytest.raises(errors.RecordChanged):
        act(library, command, **COMMANDS[command], expected_seq=7)


def test_rows_of_another_patron_are_not_found(library: Library) -> None:
    other = library.new_patron("other", identifiers={"BARCODE": "O1"}, contacts=[EMAIL])
    note = PatronNote.objects.create(
        institution=library.institution, patron=other, text="x", created_at=NOON, created_by="x"
    )
    manager(library)
    mail, barcode = other.contacts.get().pk, PatronIdentifier.objects.get().pk

    for command, inputs in (
        (set_contact, {"contact": EMAIL, "contact_id": mail}),
        (prefer_contact, {"contact_id": mail}),
        (remove_contact, {"contact_id": mail}),
        (set_identifier, {"identifier": IdentifierFacts("BARCODE", "X"), "identifier_id": barcode}),
        (remove_identifier, {"identifier_id": barcode}),
        (write_patron_note, {"note": NOTE, "note_id": note.pk}),
        (delete_patron_note, {"note_id": note.pk}),
        (remove_proxy, {"proxy_id": other.pk}),
    ):
        with no_record_written(), pytest.raises(errors.RowNotFound):
            act(library, command, **inputs)
