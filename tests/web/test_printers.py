"""Configuration > Printers."""

from collections.abc import Callable

import pytest
from django.test import Client

from amerce.institutions.models import Printer
from tests.circulation.configuring import nothing_configured
from tests.web.stamped import send
from tests.world import Library

pytestmark = pytest.mark.django_db
PRINTERS = "/configuration/printers/"


@pytest.fixture
def client(sign_in: Callable[..., Client]) -> Client:
    return sign_in("general_system_administrator")


def text(response) -> str:  # type: ignore[no-untyped-def]
    return " ".join(response.content.decode().split())


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
