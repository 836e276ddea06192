"""My Sign-In: the password, and where one is signed in."""

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from amerce.access.models import Account
from amerce.events.models import Event
from tests.web.test_second_step import first_step, is_signed_in
from tests.world import PASSWORD, Library

pytestmark = pytest.mark.django_db
NEW = "a long password 1"


@pytest.fixture
def account(library: Library) -> Account:
    return library.new_account("rokafor", "circulation_desk_operator")


@pytest.fixture
def here(client: Client, account: Account) -> Client:
    first_step(client)
    return client


@pytest.fixture
def there(here: Client) -> Client:
    other = Client(headers={"User-Agent": "Another browser"})
    first_step(other)
    return other


def change(client: Client, **typed: str):  # type: ignore[no-untyped-def]
    return client.post("/my-sign-in/password/", {"current": PASSWORD, "password": NEW, "again": NEW, **typed})


def test_a_new_password_ends_every_other_session_and_keeps_this_one(here: Client, there: Client) -> None:
    before = here.session.session_key

    response = change(here)

    assert response["Location"] == "/location/"
    assert here.get("/my-sign-in/").status_code == 200
    assert here.session.session_key != before
    assert there.get("/my-sign-in/").status_code == 302
    assert [each.session_key for each in here.get("/my-sign-in/").context["sessions"]] == [here.session.session_key]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"current": "guess"}, "This is not your password."),
        ({"again": "another one 1"}, "The two new passwords are not the same."),
        ({"password": "short", "again": "short"}, "This password is too short."),
        ({"password": PASSWORD, "again": PASSWORD}, "This is the password you have."),
        ({"password": "", "again": ""}, "This cannot be empty."),
    ],
)
def test_a_refusal_says_why_at_the_field_and_changes_nothing(
    here: Client, there: Client, account: Account, typed: dict[str, str], sentence: str
) -> None:
    response = change(here, **typed)

    assert response.status_code == 422
    assert sentence in response.content.decode()
    account.refresh_from_db()
    assert account.check_password(PASSWORD)
    assert there.get("/my-sign-in/").status_code == 200
    assert NEW not in response.content.decode()


def test_guessing_the_password_here_locks_like_guessing_it_at_the_door(here: Client) -> None:
    for _each in range(10):
        change(here, current="guess")

    assert "Too many attempts failed." in change(here).content.decode()


def test_the_sessions_are_listed_with_address_and_browser(here: Client, there: Client) -> None:
    page = here.get("/my-sign-in/").content.decode()

    assert page.count("127.0.0.1") == 2
    assert "Another browser" in page
    assert page.count("Sign out there</button>") == 1


def test_one_session_is_ended(here: Client, there: Client) -> None:
    theirs = UserSession.objects.get(session_key=there.session.session_key)

    response = here.post(f"/my-sign-in/sessions/{theirs.pk}/end/", follow=True)

    assert "Signed out there." in response.content.decode()
    assert there.get("/my-sign-in/").status_code == 302
    assert here.get("/my-sign-in/").status_code == 200
    assert Event.objects.get(name="session.ended").data == {"sessions": 1}


def test_a_session_of_somebody_else_is_not_ended(here: Client, library: Library) -> None:
    library.new_account("other")
    other = Client()
    other.post("/sign-in/", {"username": "other", "password": PASSWORD})
    theirs = UserSession.objects.get(session_key=other.session.session_key)

    response = here.post(f"/my-sign-in/sessions/{theirs.pk}/end/", follow=True)

    assert "That sign-in had ended before." in response.content.decode()
    assert is_signed_in(other)
    assert Event.objects.filter(name="session.ended").count() == 0


def test_every_other_session_is_ended(here: Client, there: Client) -> None:
    response = here.post("/my-sign-in/sessions/end-others/", follow=True)

    assert "Signed out in 1 other place." in response.content.decode()
    assert there.get("/my-sign-in/").status_code == 302
    assert here.get("/my-sign-in/").status_code == 200
    again = here.post("/my-sign-in/sessions/end-others/", follow=True)
    assert "You are signed in nowhere else." in again.content.decode()


def test_signing_out_everywhere_ends_this_one_too(here: Client, there: Client) -> None:
    response = here.post("/sign-out/everywhere/")

    assert response["Location"] == "/sign-in/"
    assert here.get("/my-sign-in/").status_code == 302
    assert there.get("/my-sign-in/").status_code == 302
    assert Event.objects.get(name="session.ended").data == {"sessions": 2}


def test_who_signed_out_is_not_listed_any_more(here: Client, there: Client) -> None:
    there.post("/sign-out/")

    assert len(here.get("/my-sign-in/").context["sessions"]) == 1
