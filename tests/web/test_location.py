"""Choosing where one works."""

from collections.abc import Callable

import pytest
from django.test import Client

from amerce.events.models import Event
from tests.world import Library

pytestmark = pytest.mark.django_db


def test_the_chosen_desk_is_shown_on_every_page_and_recorded(client: Client, library: Library) -> None:
    client.force_login(library.new_account("rokafor", "circulation_desk_operator"))

    response = client.post("/location/", {"place": f"desk-{library.desk.pk}", "next": "/patron-services/"})

    assert response["Location"] == "/patron-services/"
    assert "Main Library · Circulation Desk 1" in client.get("/patron-services/").content.decode()
    event = Event.objects.get(name="location.chosen")
    assert (event.library_id, event.desk_id) == (library.library.pk, library.desk.pk)


def test_a_library_without_a_desk_is_a_location_too(client: Client, library: Library) -> None:
    client.force_login(library.new_account("rokafor", "circulation_desk_operator"))

    client.post("/location/", {"place": f"library-{library.library.pk}"})

    assert "Main Library · not at desk" in client.get("/").content.decode()


def test_without_a_location_the_pages_work_and_say_so(sign_in: Callable[..., Client]) -> None:
    page = sign_in(at_desk=False).get("/patron-services/")

    assert page.status_code == 200
    assert "No location chosen" in page.content.decode()


@pytest.mark.parametrize("place", ["", "desk-", "desk-x", "desk-²", "room-1", "desk-99999999999999999999"])
def test_a_location_that_is_none_is_refused_and_nothing_is_recorded(
    client: Client, library: Library, place: str
) -> None:
    client.force_login(library.new_account("rokafor", "circulation_desk_operator"))

    response = client.post("/location/", {"place": place})

    assert response.status_code == 422
    assert "Choose where you work now." in response.content.decode()
    assert not Event.objects.filter(name="location.chosen").exists()


def test_a_desk_of_another_institution_cannot_be_chosen(
    client: Client, library: Library, other_library: Library
) -> None:
    client.force_login(library.new_account("rokafor", "circulation_desk_operator"))

    response = client.post("/location/", {"place": f"desk-{other_library.desk.pk}"})

    assert response.status_code == 422
    assert "place" not in client.session


def test_a_desk_of_another_institution_in_the_session_is_ignored(
    client: Client, library: Library, other_library: Library
) -> None:
    client.force_login(library.new_account("rokafor", "circulation_desk_operator"))
    session = client.session
    session["place"] = [other_library.library.pk, other_library.desk.pk]
    session.save()

    assert "No location chosen" in client.get("/").content.decode()


def test_the_next_person_at_this_computer_finds_the_last_desk_chosen(client: Client, library: Library) -> None:
    client.force_login(library.new_account("rokafor", "circulation_desk_operator"))
    client.post("/location/", {"place": f"desk-{library.desk.pk}"})
    client.post("/sign-out/")
    client.force_login(library.new_account("mlindqvist", "circulation_desk_manager"))

    page = client.get("/location/").content.decode()

    assert f'value="desk-{library.desk.pk}" checked autofocus' in " ".join(page.split())


def test_the_only_desk_is_chosen_already_on_the_first_visit(client: Client, library: Library) -> None:
    client.force_login(library.new_account("rokafor", "circulation_desk_operator"))

    page = " ".join(client.get("/location/").content.decode().split())

    assert f'value="desk-{library.desk.pk}" checked autofocus' in page


def test_from_signing_in_the_way_leads_to_the_scan_field(client: Client, library: Library) -> None:
    client.force_login(library.new_account("rokafor", "circulation_desk_operator"))
    desk = f"desk-{library.desk.pk}"

    first = client.post("/location/", {"place": desk, "next": "/"})
    changed = client.post("/location/", {"place": desk, "next": "/"})

    assert (first["Location"], changed["Location"]) == ("/patron-services/", "/")


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 19, "-1", "", "²"])
def test_a_place_that_cannot_be_is_asked_for_again(client: Client, library: Library, number: str) -> None:
    client.force_login(library.new_account("rokafor", "circulation_desk_operator"))

    assert client.post("/location/", {"place": f"desk-{number}"}).status_code == 422
