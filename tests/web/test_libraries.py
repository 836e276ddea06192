"""Configuration > Libraries."""

from collections.abc import Callable

import pytest
from django.test import Client

from amerce.institutions.models import Library as LibraryRow
from tests.circulation.configuring import nothing_configured
from tests.web.stamped import send
from tests.world import Library

pytestmark = pytest.mark.django_db
LIBRARIES = "/configuration/libraries/"


@pytest.fixture
def client(sign_in: Callable[..., Client]) -> Client:
    return sign_in("general_system_administrator")


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


def test_a_closed_library_is_no_location(client, library: Library):
    law = LibraryRow.objects.create(institution=library.institution, code="LAW", name="Law Library")
    assert "Law Library" in text(client.get("/location/"))

    send(client, f"{LIBRARIES}{law.pk}/", {"name": "Law Library"})
    assert "Saved: Law Library." in text(client.get(LIBRARIES))

    assert "Law Library" not in text(client.get("/location/"))
    assert client.post("/location/", {"place": f"library-{law.pk}"}).status_code == 422
