"""Configuration > Fulfillment Network."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from amerce.access.sealed import unseal
from amerce.network.models import NetworkMember
from amerce.network.settings import NetworkSaid, network_settings
from tests.network.asking import let
from tests.web.stamped import send
from tests.world import Library

pytestmark = pytest.mark.django_db
PAGE, NEW = "/configuration/network/", "/configuration/network/members/new/"
TYPED = {
    "name": "Alma",
    "kind": "remote",
    "base_url": "https://alma.example",
    "api_key": "a key of theirs",
    "identifier_type": "BARCODE",
    "timeout_s": "4",
    "is_active": "on",
}


@pytest.fixture
def client(sign_in: Callable[..., Client]) -> Client:
    return sign_in("general_system_administrator")


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_taking_part_is_said_on_the_page_and_stands_in_its_history(client: Client, library: Library) -> None:
    assert send(client, PAGE, {"asks": "on"})["Location"] == PAGE

    assert network_settings(library.institution.pk) == NetworkSaid(asks=True)
    page = text(client.get(PAGE))
    assert "Ask the members" in page.partition("<h2>Changes")[2] or "Changed" in page


def test_a_member_is_added_changed_and_removed(client: Client, library: Library) -> None:
    assert client.post(NEW, TYPED)["Location"] == PAGE
    row = NetworkMember.objects.get()
    assert (unseal(row.sealed_key), row.timeout_s) == ("a key of theirs", 4)
    path = f"{PAGE}members/{row.pk}/"
    for page in (text(client.get(PAGE)), text(client.get(path))):
        assert "https://alma.example" in page
        assert "a key of theirs" not in page
    assert "Barcode" in text(client.get(PAGE))

    assert send(client, path, {**TYPED, "api_key": "", "name": "Their Alma"})["Location"] == PAGE
    row.refresh_from_db()
    assert (row.name, unseal(row.sealed_key)) == ("Their Alma", "a key of theirs")

    assert client.post(f"{path}remove/", {"stamp": "old"}).status_code == 422
    assert send(client, f"{path}remove/")["Location"] == PAGE
    assert not NetworkMember.objects.exists()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": ""}, "This cannot be empty."),
        ({"base_url": "http://alma.example"}, "An address that begins with https://."),
        ({"base_url": "https://192.168.0.1"}, "This address is in a private network."),
        ({"api_key": ""}, "This cannot be empty."),
        ({"timeout_s": "x"}, "A whole number from 1 to 15."),
        ({"kind": "local", "institution_code": "MAIN"}, "This is the institution itself."),
        ({"kind": "local", "institution_code": "NOBODY"}, "Choose one from the list."),
    ],
)
def test_a_refusal_says_why_at_its_field_and_saves_nothing(
    client: Client, changed: dict[str, Any], sentence: str
) -> None:
    response = client.post(NEW, {**TYPED, **changed})

    assert response.status_code == 422
    assert sentence in text(response)
    assert 'value="a key of theirs"' not in text(response)
    assert not NetworkMember.objects.exists()


def test_members_of_others_are_not_found(client: Client, other_library: Library) -> None:
    let(other_library, shares=True)
    row = NetworkMember.objects.create(institution=other_library.institution, name="X", kind="remote")
    for path in ("", "remove/"):
        assert client.get(f"{PAGE}members/{row.pk}/{path}").status_code == 404
    assert "No members" in text(client.get(PAGE))
