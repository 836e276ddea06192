"""Patron records on the pages: viewing, editing, refusing, adding."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from amerce.patrons.models import Contact, Patron, PatronNote, Proxy
from tests.patrons.people import ADDRESS, EMAIL, external, no_record_written
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
RECORD = {"first_name": "Janet", "last_name": "Doe", "primary_id": "jdoe", "status": "active"}
DIALOG = {"HX-Request": "true", "HX-Target": "dialog"}


@pytest.fixture
def client(sign_in: Callable[..., Client], library: Library) -> Client:
    client = sign_in("user_manager")
    client.post("/patron-services/", {"typed": "jdoe"})
    return client


def path(patron: Patron, rest: str = "") -> str:
    return f"/patrons/{patron.pk}/{rest}"


def text(response) -> str:  # type: ignore[no-untyped-def]
    return " ".join(response.content.decode().split())


def opened(client: Client, patron: Patron) -> Patron:
    client.post("/patron-services/", {"typed": patron.primary_id})
    return patron


def test_the_record_is_edited_in_a_dialog_and_the_page_says_so(client: Client, library: Library) -> None:
    asked = client.get(path(library.patron, "edit/"), headers=DIALOG)
    assert 'name="record_seq" value="0"' in text(asked)

    sent = {**RECORD, "record_seq": 0, "group": library.patron.group_id, "expires_on": "2027-08-31"}
    answer = client.post(path(library.patron, "edit/"), sent, headers=DIALOG)

    assert answer["HX-Redirect"] == path(library.patron)
    library.patron.refresh_from_db()
    assert (library.patron.first_name, library.patron.expires_on) == ("Janet", date(2027, 8, 31))
    assert "The record is changed." in text(client.get(path(library.patron)))
    assert "Changed the record: First name and Expires." in text(client.get(path(library.patron, "history/")))


def test_a_form_that_is_out_of_date_says_what_changed_and_can_be_sent_again(client: Client, library: Library) -> None:
    note = {"record_seq": 0, "type": "OTHER", "text": "Left an umbrella"}
    assert client.post(path(library.patron, "notes/new/"), note).status_code == 302
    sent = {**RECORD, "record_seq": 0}

    with no_record_written():
        refused = client.post(path(library.patron, "edit/"), sent)

    assert refused.status_code == 422
    assert "The record changed since this page was made, so nothing was done." in text(refused)
    assert "Wrote a note." in text(refused)
    assert [each.actor_name for each in refused.context["form"].changes] == ["User_Manager-Account"], "no user name"
    assert 'name="record_seq" value="1"' in text(refused)
    assert client.post(path(library.patron, "edit/"), {**sent, "record_seq": 1}).status_code == 302


def test_the_second_to_edit_a_record_sees_both_versions(client: Client, library: Library) -> None:
    client.post(
        path(library.patron, "edit/"), {**RECORD, "record_seq": 0, "first_name": "Jo", "expires_on": "2027-08-31"}
    )
    mine = {**RECORD, "record_seq": 0, "first_name": "Joanna", "status": "inactive"}

    with no_record_written():
        refused = client.post(path(library.patron, "edit/"), mine)

    shown = text(refused)
    assert refused.status_code == 422
    assert "Changed the record: First name" in shown
    assert "Stands now: Jo<" in shown.replace(" <", "<")
    assert "Stands now: Active" in shown and "Stands now: Aug 31, 2027" in shown
    assert 'value="Joanna"' in shown, "what was typed stays"


def test_every_mistake_in_a_new_record_is_told_at_once(client: Client, library: Library) -> None:
    typed = {
        **RECORD,
        "first_name": "\u202etenaJ",
        "primary_id": "",
        "group": "999",
        "email": "nobody",
        "phone": "\x1b",
    }

    with no_record_written():
        refused = client.post("/users/new/", typed)

    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {"first_name", "primary_id", "group", "email", "phone"}
    assert text(refused).count("This holds characters that cannot be seen. Type it again.") == 2


def test_the_same_form_twice_acts_once(client: Client, library: Library) -> None:
    note = {"record_seq": 0, "type": "OTHER", "text": "Left an umbrella"}

    answers = [client.post(path(library.patron, "notes/new/"), note).status_code for _ in range(2)]

    assert (answers, PatronNote.objects.count()) == ([302, 422], 1)


def test_what_the_source_keeps_is_closed_and_stays_whatever_is_sent(client: Client, library: Library) -> None:
    patron = opened(client, external(library))
    form = text(client.get(path(patron, "edit/")))
    assert "are kept in SIS and changed there." in form
    assert form.count("disabled") == 6

    client.post(path(patron, "edit/"), {**RECORD, "record_seq": 0, "status": "inactive"})

    patron.refresh_from_db()
    assert (patron.first_name, patron.primary_id, patron.status) == ("Erik", "ext", "inactive")


def test_the_page_says_where_a_record_and_its_rows_come_from(client: Client, library: Library) -> None:
    patron = opened(client, external(library))
    client.post(path(patron, "contact/new/email/"), {"record_seq": 0, "text": "erik@example.org"})

    general, contact = text(client.get(path(patron))), text(client.get(path(patron, "contact/")))

    assert "Source system</dt> <dd>SIS" in general
    assert "External ID</dt> <dd>700" in general
    assert ("from SIS" in contact, "added here" in contact) == (True, True)
    own, loaded = patron.contacts.get(is_loaded=False), patron.contacts.get(is_loaded=True)
    assert path(patron, f"contact/{own.pk}/removal/") in contact
    assert path(patron, f"contact/{loaded.pk}/removal/") not in contact


@pytest.mark.parametrize(
    ("rest", "sent", "sentence"),
    [
        ("edit/", {**RECORD, "primary_id": ""}, "Type a primary ID."),
        ("edit/", {**RECORD, "primary_id": "HOLDER"}, "Another patron has this identifier."),
        ("edit/", {**RECORD, "expires_on": "31.8.2027"}, "Write a day as year-month-day, like 2027-08-31."),
        ("edit/", {**RECORD, "group": "999999"}, "Choose from the list."),
        ("contact/new/email/", {"text": "nobody"}, "Write an e-mail address, like name@example.org."),
        ("contact/new/phone/", {"text": ""}, "Type a phone number."),
        ("contact/new/address/", {"text": "1\n2\n3\n4\n5\n6"}, "At most 5 lines, please."),
        ("identifiers/new/", {"type": "BARCODE", "value": "H-1"}, "Another patron has this identifier."),
        ("identifiers/new/", {"type": "SHOES", "value": "44"}, "Choose a type from the list."),
        ("notes/new/", {"type": "OTHER", "text": " "}, "Write the note."),
        ("proxies/new/", {"typed": "nobody"}, "No patron has the id nobody."),
        ("proxies/new/", {"typed": "jdoe"}, "A patron is not their own proxy."),
    ],
)
def test_a_refusal_stands_at_its_field_and_nothing_is_written(
    client: Client, library: Library, rest: str, sent: dict[str, str], sentence: str
) -> None:
    library.new_patron("holder", identifiers={"BARCODE": "h-1"})

    with no_record_written():
        answer = client.post(path(library.patron, rest), {"record_seq": 0, **sent}, headers=DIALOG)

    assert answer.status_code == 422
    assert f'class="field-error" id="id_{_field(rest, sent, sentence)}_error"> {sentence}' in text(answer)


def _field(rest: str, sent: dict[str, str], sentence: str) -> str:
    fields = {
        "Type a primary ID.": "primary_id",
        "Write a day as year-month-day, like 2027-08-31.": "expires_on",
        "Choose from the list.": "group",
        "Choose a type from the list.": "type",
    }
    taken = "primary_id" if rest == "edit/" else "value"
    if sentence.startswith("Another patron"):
        return taken
    return fields.get(sentence, "typed" if "typed" in sent else "text")


def test_contacts_are_added_preferred_and_removed(client: Client, library: Library) -> None:
    where = path(library.patron, "contact/")
    client.post(f"{where}new/address/", {"record_seq": 0, "text": "12 Elm Street", "city": "Falls", "types": ["home"]})
    client.post(f"{where}new/address/", {"record_seq": 1, "text": "3 Cable Row", "types": ["work", "school"]})
    second = library.patron.contacts.get(text="3 Cable Row")
    client.post(f"{where}{second.pk}/preference/", {"record_seq": 2})

    page = text(client.get(where))
    assert "12 Elm Street <br> Falls" in page
    assert Contact.objects.get(is_preferred=True) == second
    assert client.post(f"{where}{second.pk}/removal/", {"record_seq": 3}).status_code == 302
    assert library.patron.contacts.get().is_preferred


def test_a_row_that_is_gone_is_not_found(client: Client, library: Library) -> None:
    for rest in ("contact/999/", "contact/999/removal/", "identifiers/999/", "notes/999/removal/", "contact/new/fax/"):
        assert client.get(path(library.patron, rest)).status_code == 404


def test_a_proxy_is_added_by_any_id_and_both_records_show_it(client: Client, library: Library) -> None:
    proxy = library.new_patron("helper", last_name="Helper", identifiers={"BARCODE": "4711"})

    client.post(path(library.patron, "proxies/new/"), {"record_seq": 0, "typed": "4711"})

    assert Proxy.objects.get().proxy == proxy
    assert "Helper" in text(client.get(path(library.patron, "proxies/")))
    assert "Doe, Jane" in text(client.get(path(opened(client, proxy), "proxies/")))
    at_the_desk = text(client.get(f"/patron-services/{proxy.pk}/"))
    assert f'Proxy for</span> <form method="post" action="/patrons/{proxy.pk}/proxies/acting/"' in at_the_desk
    assert f'name="patron" value="{library.patron.pk}" aria-label="Act for Doe, Jane">' in at_the_desk
    at_the_desk = text(client.get(f"/patron-services/{library.patron.pk}/"))
    assert 'name="typed" value="helper"' in at_the_desk
    assert "Proxy for</span>" not in at_the_desk


def test_a_note_that_pops_up_is_shown_at_the_desk_and_others_only_on_their_tab(
    client: Client, library: Library
) -> None:
    for words, pops_up in (("Uses a wheelchair", {"is_popup": "on"}), ("Likes tea", {})):
        seq = Patron.objects.get(pk=library.patron.pk).seq
        client.post(path(library.patron, "notes/new/"), {"record_seq": seq, "type": "OTHER", "text": words, **pops_up})

    desk = text(client.get(f"/patron-services/{library.patron.pk}/"))

    assert ("Uses a wheelchair" in desk, "Likes tea" in desk) == (True, False)
    assert "Likes tea" in text(client.get(path(library.patron, "notes/")))


def test_the_side_panel_holds_ids_and_the_preferred_contacts(client: Client, library: Library) -> None:
    patron = opened(client, library.new_patron("p", identifiers={"BARCODE": "4711"}, contacts=[EMAIL, ADDRESS]))

    panel = text(client.get(path(patron, "panel/"), headers={"HX-Request": "true", "HX-Target": "patron-panel"}))

    assert "Barcode</dt> <dd>4711" in panel
    assert "jane@example.org" in panel
    assert "12 Elm Street<br>Falls 60999" in panel


def test_a_user_is_added_and_the_record_is_open(client: Client, library: Library) -> None:
    sent = {**RECORD, "primary_id": "new1", "barcode": "B-77", "email": "new@example.org"}

    answer = client.post("/users/new/", sent, follow=True)

    patron = Patron.objects.get(primary_id="new1")
    assert answer.redirect_chain == [(path(patron), 302)]
    assert "The record is made." in text(answer)
    assert (patron.kind, patron.identifiers.get().value, patron.contacts.get().text) == (
        "internal",
        "B-77",
        "new@example.org",
    )
    assert client.post("/users/new/", sent).status_code == 422


def test_everybody_is_listed_for_the_user_manager_at_the_same_cost(  # type: ignore[no-untyped-def]
    client: Client, library: Library, django_assert_num_queries
) -> None:
    with django_assert_num_queries(6):
        assert "Doe, Jane" in text(client.get("/users/"))
    for number in range(60):
        library.new_patron(f"p{number}", last_name=f"Aaa{number}")
    with django_assert_num_queries(6):
        assert "1–50 of 61" in text(client.get("/users/"))


def test_the_desk_manager_sees_the_record_and_changes_nothing(sign_in: Callable[..., Client], library: Library) -> None:
    client = sign_in("circulation_desk_manager")
    client.post("/patron-services/", {"typed": "jdoe"})

    assert client.get("/users/").status_code == client.get("/users/new/").status_code == 403
    for rest in ("edit/", "contact/new/email/", "identifiers/new/", "notes/new/", "proxies/new/"):
        with no_record_written():
            assert client.post(path(library.patron, rest), {"record_seq": 0}).status_code == 403
    for rest in ("", "contact/", "identifiers/", "notes/", "proxies/"):
        page = text(client.get(path(library.patron, rest)))
        assert "/new/" not in page.split('class="tab-body"')[1].split("</main>")[0]


@pytest.mark.parametrize("rest", ["", "contact/", "identifiers/", "notes/", "proxies/"])
def test_a_tab_costs_the_same_with_one_row_and_with_many(client: Client, library: Library, rest: str) -> None:
    _fill(library, 1)
    few = _queries(client, path(library.patron, rest))
    _fill(library, 20)

    assert _queries(client, path(library.patron, rest)) == few
    assert few <= 15


def _queries(client: Client, url: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def _fill(library: Library, number: int) -> None:
    patron, institution = library.patron, library.institution
    start = Contact.objects.count()
    for each in range(start, start + number):
        row = EMAIL.row(patron, is_loaded=False)
        row.text = f"{each}@example.org"
        row.save()
        PatronNote.objects.create(
            institution=institution, patron=patron, text="x", created_at=NOON, created_by="x", is_popup=True
        )
        other = library.new_patron(f"other{each}")
        other.identifiers.create(institution=institution, type="BARCODE", value=f"o{each}", folded=f"o{each}")
        patron.identifiers.create(institution=institution, type="BARCODE", value=f"v{each}", folded=f"v{each}")
        Proxy.objects.create(institution=institution, patron=patron, proxy=other, created_at=NOON, created_by="x")
