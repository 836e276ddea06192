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


def test_signing_in_makes_a_new_session_key(client: Client, library: Library) -> None:
    library.new_account("rokafor", "circulation_desk_operator")
    session = client.session
    session["planted"] = True
    session.save()

    client.post("/sign-in/", {"username": "rokafor", "password": PASSWORD})

    assert client.session.session_key != session.session_key


@pytest.mark.parametrize("username", ["rokafor", "nobody"])
def test_too_many_failures_are_told_whether_the_name_is_there_or_not(
    client: Client, library: Library, username: str
) -> None:
    library.new_account("rokafor", "circulation_desk_operator")
    for _each in range(10):
        client.post("/sign-in/", {"username": username, "password": "guess"})

    response = client.post("/sign-in/", {"username": username, "password": PASSWORD})

    assert response.status_code == 422
    assert "Too many attempts failed. Wait 15 minutes, or ask an administrator." in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_with_fewer_proxies_than_were_said_the_farthest_address_they_saw_counts(
    client: Client, library: Library, settings
) -> None:  # type: ignore[no-untyped-def]
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    for number in range(101):
        header = {"X-Forwarded-For": "192.0.2.7"}
        refused = client.post("/sign-in/", {"username": f"name {number}", "password": "guess"}, headers=header)
    assert "Too many attempts failed." in refused.content.decode()

    library.new_account("rokafor", "circulation_desk_operator")
    typed = {"username": "rokafor", "password": PASSWORD}
    assert client.post("/sign-in/", typed, headers={"X-Forwarded-For": "192.0.2.8"}).status_code == 302


@pytest.mark.parametrize("header", [{}, {"X-Forwarded-For": ""}, {"X-Forwarded-For": "unknown"}])
def test_what_is_no_address_leaves_that_of_the_connection(client: Client, library: Library, settings, header) -> None:  # type: ignore[no-untyped-def]
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    response = client.post("/sign-in/", {"username": "rokafor", "password": "guess"}, headers=header)

    assert response.status_code == 422
    assert "The user name or the password is not right." in response.content.decode()


def test_behind_a_proxy_the_address_is_the_one_it_saw(client: Client, library: Library, settings) -> None:  # type: ignore[no-untyped-def]
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(101):
        header = {"X-Forwarded-For": f"10.0.0.{number}, 192.0.2.7"}
        refused = client.post("/sign-in/", {"username": f"name {number}", "password": "guess"}, headers=header)

    assert "Too many attempts failed." in refused.content.decode()
    other = client.post(
        "/sign-in/", {"username": "other", "password": "guess"}, headers={"X-Forwarded-For": "192.0.2.8"}
    )
    assert "The user name or the password is not right." in other.content.decode()
