"""Configuration > Libraries, Circulation Desks, Printers."""

from collections.abc import Callable

import pytest
from django.test import Client

from amerce.institutions.models import Desk, Printer
from amerce.institutions.models import Library as LibraryRow
from tests.circulation.configuring import nothing_configured
from tests.web.stamped import send
from tests.world import Library

pytestmark = pytest.mark.django_db
SYSTEM = "general_system_administrator"
LIBRARIES, DESKS, PRINTERS = "/configuration/libraries/", "/configuration/desks/", "/configuration/printers/"


@pytest.fixture
def client(sign_in: Callable[..., Client]) -> Client:
    return sign_in(SYSTEM)


def text(response) -> str:  # type: ignore[no-untyped-def]
    return " ".join(response.content.decode().split())


def test_a_library_is_added_and_closed(client, library):
    assert client.post(f"{LIBRARIES}new/", {"code": "LAW", "name": "Law", "is_active": "on"}).status_code == 302
    law = LibraryRow.objects.get(code="LAW")

    send(client, f"{LIBRARIES}{law.pk}/", {"name": "Law Library", "code": "OTHER"})

    law.refresh_from_db()
    assert (law.code, law.name, law.is_active) == ("LAW", "Law Library", False)
    shown = text(client.get(LIBRARIES))
    assert "Law Library" in shown and "Out of use" in shown and "General_System_Administrator-Account" in shown
    assert [each.what for each in client.get(f"{LIBRARIES}{law.pk}/").context["changes"]] == ["Changed", "Added"]


def test_the_only_library_stays_open(client, library: Library):
    with nothing_configured():
        response = send(client, f"{LIBRARIES}{library.library.pk}/", {"name": "Main Library"})

    assert response.status_code == 422
    assert "It is the last one in use, so it stays until there is another." in text(response)


def test_a_desk_is_added_closed_and_cannot_be_chosen_any_more(client, library: Library):
    typed = {"library_id": library.library.pk, "code": "DESK2", "name": "Reserves", "is_active": "on"}
    client.post(f"{DESKS}new/", typed)
    desk = Desk.objects.get(code="DESK2")
    client.post("/location/", {"place": f"desk-{desk.pk}"})
    assert "Main Library · Reserves" in text(client.get("/"))

    send(client, f"{DESKS}{desk.pk}/", {"name": "Reserves"})

    assert "Main Library · Reserves" not in text(client.get("/"))
    assert "Reserves" not in text(client.get("/location/"))
    assert client.post("/location/", {"place": f"desk-{desk.pk}"}).status_code == 422


def test_a_closed_library_is_no_location(client, library: Library):
    law = LibraryRow.objects.create(institution=library.institution, code="LAW", name="Law Library")
    assert "Law Library" in text(client.get("/location/"))

    send(client, f"{LIBRARIES}{law.pk}/", {"name": "Law Library"})

    assert "Law Library" not in text(client.get("/location/"))
    assert client.post("/location/", {"place": f"library-{law.pk}"}).status_code == 422


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"email": "", "queue": ""}, "Type an e-mail address or a queue, one of the two."),
        ({"email": "front"}, "This is no e-mail address."),
        ({"name": ""}, "This cannot be empty."),
        ({"library_id": "99999"}, "Choose one from the list."),
        ({"name": "Front\0desk"}, "Null characters are not allowed."),
    ],
)
def test_what_cannot_be_is_said_and_stays_typed(client, library, typed, sentence):
    sent = {"code": "FRONT", "name": "Front desk", "email": "front@library.example", "is_active": "on", **typed}

    with nothing_configured():
        response = client.post(f"{PRINTERS}new/", sent)

    assert response.status_code == 422
    assert sentence in text(response) and 'value="FRONT"' in text(response)


def test_a_printer_is_added_and_changed(client, library: Library):
    client.post(f"{PRINTERS}new/", {"code": "FRONT", "name": "Front desk", "queue": "lp", "is_active": "on"})
    printer = Printer.objects.get()

    send(
        client,
        f"{PRINTERS}{printer.pk}/",
        {"name": "Front", "email": "front@library.example", "library_id": library.library.pk, "is_active": "on"},
    )

    shown = text(client.get(PRINTERS))
    assert "front@library.example" in shown and "Main Library" in shown
    (change, _added) = client.get(f"{PRINTERS}{printer.pk}/").context["changes"]
    assert ("Library", "Every library", "Main Library") in [
        (each.label, each.before, each.after) for each in change.fields
    ]
