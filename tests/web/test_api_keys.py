"""Configuration > API Keys."""

from datetime import date

import pytest
from django.test import Client

from amerce.access.models import ApiKey
from tests.access.changing import ADMINISTRATOR, nothing_changed
from tests.access.test_api_keys import make
from tests.world import Library

pytestmark = pytest.mark.django_db
LIST = "/configuration/api-keys/"
TYPED = {"name": "Portal", "scopes": ["fees:read", "fees:pay"], "library": "", "expires_on": "", "calls_per_second": 5}


@pytest.fixture
def client(sign_in) -> Client:  # type: ignore[no-untyped-def]
    return sign_in(ADMINISTRATOR)  # type: ignore[no-any-return]


def text(response) -> str:  # type: ignore[no-untyped-def]
    return " ".join(response.content.decode().split())


def test_a_key_is_shown_in_the_answer_and_never_again(client: Client) -> None:
    made = client.post(f"{LIST}new/", TYPED)

    row = ApiKey.objects.get()
    key = made.context["key"]
    assert key.startswith(f"amk_{row.prefix}_") and key in text(made)
    assert "no-store" in made["Cache-Control"]
    assert (row.scopes, row.calls_per_second, row.expires_on) == (["fees:read", "fees:pay"], 5, None)
    listed = text(client.get(LIST))
    assert "Portal" in listed and f"amk_{row.prefix}" in listed and key not in listed
    assert "Active" in listed and "Every scope" not in listed
    again = client.post(f"{LIST}new/", TYPED)
    assert again.status_code == 422 and "There is a “Portal” already." in text(again)
    assert ApiKey.objects.count() == 1


def test_a_key_that_may_everything_says_so_in_two_words_and_until_when_it_holds(
    client: Client, library: Library
) -> None:
    make(library, scopes=("all",), expires_on=date(2027, 8, 31))

    listed = text(client.get(LIST))

    assert "Every scope" in listed and "users:write" not in listed
    assert "through Aug 31, 2027" in listed


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": ""}, "This cannot be empty."),
        ({"scopes": []}, "Choose at least one."),
        ({"calls_per_second": "many"}, "A whole number from 0 to 10000."),
        ({"expires_on": "2020-01-01"}, "This day is over."),
        ({"expires_on": "soon"}, "Choose a day."),
    ],
)
def test_a_mistake_is_told_at_its_field_and_keeps_what_was_typed(client: Client, typed, sentence) -> None:  # type: ignore[no-untyped-def]
    with nothing_changed():
        page = client.post(f"{LIST}new/", {**TYPED, **typed})

    assert page.status_code == 422 and sentence in text(page)
    if "name" not in typed:
        assert 'value="Portal"' in text(page)
    if "scopes" not in typed:
        assert 'value="fees:pay" id="id_scopes_4" checked' in text(page)


def test_a_key_is_revoked_after_a_question(client: Client, library: Library) -> None:
    made = make(library)
    page = f"{LIST}{made.key_id}/revoke/"
    assert "Revoke the key of Portal?" in text(client.get(page))

    assert client.post(page)["Location"] == LIST
    assert ApiKey.objects.get().revoked_by
    listed = text(client.get(LIST))
    assert "Revoked: Portal." in listed and page not in listed
    assert client.get(f"{LIST}0/revoke/").status_code == 404


def test_keys_and_their_refusals_are_security_events_in_words(client: Client, library: Library) -> None:
    from datetime import timedelta

    from amerce.access.key_actor import KeyRefused, caller_of, tell_scope_missing
    from tests.world import NOON

    made = make(library)
    tell_scope_missing(caller_of(made.key, at=NOON, address=""), "fees:pay", NOON)
    with pytest.raises(KeyRefused):
        caller_of("nothing", at=NOON + timedelta(hours=3), address="203.0.113.9")

    page = text(client.get("/configuration/security-events/?kind=api_key."))

    assert "Made the API key Portal." in page
    assert "Was refused: the API key Portal lacks the scope fees:pay." in page
    assert "Was refused: no API key that is known." in page


def test_a_scope_of_every_library_is_refused_at_a_key_of_one(client: Client, library: Library) -> None:
    typed = {**TYPED, "scopes": ["fees:read", "bursar:read"], "library": library.library.pk}

    with nothing_changed():
        page = client.post(f"{LIST}new/", typed)

    assert page.status_code == 422
    assert "bursar:read goes over all libraries, so a key of one library cannot have it." in text(page)
