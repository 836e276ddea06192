"""Signing in and out."""

import pytest
from django.test import Client

from amerce.events.models import Event
from tests.world import PASSWORD, Library

pytestmark = pytest.mark.django_db


def test_the_front_page_leads_an_anonymous_person_to_the_sign_in_form(client: Client) -> None:
    response = client.get("/", follow=True)

    assert response.redirect_chain == [("/sign-in/?next=/", 302)]
    page = response.content.decode()
    assert page.count("<form") == 1
    assert 'name="username"' in page
    assert 'name="password"' in page


def test_the_right_password_leads_to_the_choice_of_location_and_remembers_where_one_was_going(
    client: Client, library: Library
) -> None:
    account = library.new_account("rokafor", "circulation_desk_operator")

    response = client.post("/sign-in/", {"username": "ROkafor ", "password": PASSWORD, "next": "/patron-services/"})

    assert (response.status_code, response["Location"]) == (302, "/location/?next=%2Fpatron-services%2F")
    event = Event.objects.get(name="session.signed_in")
    assert (event.actor_id, event.institution_id) == (account.pk, library.institution.pk)


def test_a_wrong_password_and_a_wrong_name_get_the_same_sentence(client: Client, library: Library) -> None:
    library.new_account("rokafor", "circulation_desk_operator")

    wrong_password = client.post("/sign-in/", {"username": "rokafor", "password": "guess"})
    wrong_name = client.post("/sign-in/", {"username": "nobody", "password": PASSWORD})

    for response in (wrong_password, wrong_name):
        assert response.status_code == 422
        assert "The user name or the password is not right." in response.content.decode()
        assert "_auth_user_id" not in client.session
    assert 'value="rokafor"' in wrong_password.content.decode()


def test_a_refusal_is_recorded_without_what_a_stranger_typed(client: Client, library: Library) -> None:
    account = library.new_account("rokafor", "circulation_desk_operator")

    client.post("/sign-in/", {"username": "rokafor", "password": "guess"})
    client.post("/sign-in/", {"username": "my secret password", "password": "guess"})

    refused = Event.objects.filter(name="session.refused").order_by("pk")
    assert [(each.actor_id, each.actor_name, each.data) for each in refused] == [
        (account.pk, "rokafor", {}),
        (None, "", {}),
    ]


def test_another_site_is_no_place_to_go_on_to(client: Client, library: Library) -> None:
    library.new_account("rokafor", "circulation_desk_operator")

    response = client.post(
        "/sign-in/", {"username": "rokafor", "password": PASSWORD, "next": "https://elsewhere.example/"}
    )

    assert response["Location"] == "/location/"


def test_signing_out_ends_the_session_and_forgets_the_open_records(client: Client, library: Library) -> None:
    client.force_login(library.new_account("rokafor", "circulation_desk_operator"))
    client.post("/patron-services/", {"typed": "jdoe"})

    response = client.post("/sign-out/")

    assert response["Location"] == "/sign-in/"
    assert response.cookies["amerce_open"].value == ""
    assert client.get("/patron-services/").status_code == 302
    assert Event.objects.filter(name="session.signed_out").count() == 1


def test_signing_out_is_not_a_link(client: Client, library: Library) -> None:
    client.force_login(library.new_account("rokafor", "circulation_desk_operator"))

    assert client.get("/sign-out/").status_code == 405
    assert client.get("/patron-services/").status_code == 200


def test_an_expired_session_sends_htmx_to_the_sign_in_page_as_a_whole(client: Client) -> None:
    response = client.get("/patron-services/1/", headers={"HX-Request": "true"})

    assert (response.status_code, response["HX-Redirect"]) == (200, "/sign-in/")
    assert response.content == b""
