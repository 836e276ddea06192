"""Configuration > Circulation Desks."""

from collections.abc import Callable

import pytest
from django.test import Client

from amerce.institutions.models import Desk
from tests.web.stamped import send
from tests.world import Library

pytestmark = pytest.mark.django_db
DESKS = "/configuration/desks/"


@pytest.fixture
def client(sign_in: Callable[..., Client]) -> Client:
    return sign_in("general_system_administrator")


def text(response) -> str:  # type: ignore[no-untyped-def]
    return " ".join(response.content.decode().split())


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
