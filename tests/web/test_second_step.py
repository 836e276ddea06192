"""The second step of signing in: nothing is open before it, whatever address one goes to."""

import json

import pytest
from django.test import Client

from amerce.access.attempts import LIMITS, Counted, forget_failures
from amerce.access.models import Account
from amerce.events.models import Event
from tests.access.test_second_factor import code_of, require, with_app
from tests.world import PASSWORD, Library

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(library: Library) -> tuple[Account, str, list[str]]:
    return with_app(library)


def first_step(client: Client, **more: str):  # type: ignore[no-untyped-def]
    return client.post("/sign-in/", {"username": "rokafor", "password": PASSWORD, **more})


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_password_leads_to_the_second_step_and_opens_nothing(client: Client, known) -> None:  # type: ignore[no-untyped-def]
    response = first_step(client)

    assert response["Location"] == "/sign-in/second-step/"
    assert not is_signed_in(client)
    for path in ("/", "/location/", "/patron-services/", "/my-sign-in/", "/my-sign-in/app/", "/my-sign-in/again/"):
        assert client.get(path)["Location"].startswith("/sign-in/?next=")
    assert Event.objects.filter(name="session.signed_in").count() == 0


def test_the_code_signs_in_and_leads_on_to_where_one_was_going(client: Client, known) -> None:  # type: ignore[no-untyped-def]
    account, secret, _codes = known
    first_step(client, next="/returns/")
    before = client.session.session_key

    response = client.post("/sign-in/second-step/", {"code": code_of(secret)})

    assert response["Location"] == "/location/?next=%2Freturns%2F"
    assert is_signed_in(client)
    assert client.session.session_key != before
    event = Event.objects.get(name="session.signed_in")
    assert (event.actor_id, event.data) == (account.pk, {"methods": ["password", "totp"]})


def test_a_recovery_code_signs_in_once(client: Client, known) -> None:  # type: ignore[no-untyped-def]
    _account, _secret, codes = known
    first_step(client)
    client.post("/sign-in/second-step/", {"code": codes[0]})
    assert is_signed_in(client)
    client.post("/sign-out/")

    first_step(client)
    response = client.post("/sign-in/second-step/", {"code": codes[0]})

    assert response.status_code == 422
    assert not is_signed_in(client)


def test_a_wrong_code_is_refused_with_a_sentence_and_an_event(client: Client, known) -> None:  # type: ignore[no-untyped-def]
    account = known[0]
    first_step(client)

    response = client.post("/sign-in/second-step/", {"code": "000 000"})

    assert response.status_code == 422
    assert "The code is not right, or it was used before." in response.content.decode()
    assert Event.objects.get(name="session.refused").actor_id == account.pk


def test_after_too_many_wrong_codes_the_right_one_is_refused_too_also_after_the_password_again(
    client: Client,
    known,  # type: ignore[no-untyped-def]
) -> None:
    first_step(client)
    for _each in range(LIMITS[Counted.SECOND_FACTOR]):
        client.post("/sign-in/second-step/", {"code": "000000"})
    first_step(client)

    response = client.post("/sign-in/second-step/", {"code": code_of(known[1])})

    assert "Too many attempts failed." in response.content.decode()
    assert not is_signed_in(client)


def test_a_recovery_code_typed_while_locked_is_not_used_up(client: Client, known) -> None:  # type: ignore[no-untyped-def]
    account, _secret, codes = known
    first_step(client)
    for _each in range(LIMITS[Counted.SECOND_FACTOR]):
        client.post("/sign-in/second-step/", {"code": "000000"})
    assert "Too many" in client.post("/sign-in/second-step/", {"code": codes[0]}).content.decode()
    forget_failures(account)

    first_step(client)
    client.post("/sign-in/second-step/", {"code": codes[0]})

    assert is_signed_in(client)


def test_without_the_first_step_there_is_no_second(client: Client, known) -> None:  # type: ignore[no-untyped-def]
    for response in (
        client.get("/sign-in/second-step/"),
        client.post("/sign-in/second-step/", {"code": code_of(known[1])}),
    ):
        assert (response.status_code, response["Location"]) == (302, "/sign-in/")
    assert not is_signed_in(client)


def test_giving_up_forgets_the_first_step(client: Client, known) -> None:  # type: ignore[no-untyped-def]
    first_step(client)

    client.post("/sign-in/give-up/")

    assert client.get("/sign-in/second-step/")["Location"] == "/sign-in/"


@pytest.mark.parametrize(
    "credential",
    [
        "[" * 100_000,
        "",
        "no json",
        "[]",
        "1",
        "null",
        "{}",
        json.dumps({"id": "x", "rawId": "x", "type": "public-key", "response": 7}),
    ],
)
def test_what_is_no_answer_of_a_key_is_refused(client: Client, known, credential: str) -> None:  # type: ignore[no-untyped-def]
    first_step(client)

    response = client.post("/sign-in/second-step/", {"credential": credential})

    assert response.status_code == 422
    assert "This security key was not accepted." in response.content.decode()
    assert not is_signed_in(client)


def test_the_factor_of_somebody_else_does_not_do(client: Client, library: Library, known) -> None:  # type: ignore[no-untyped-def]
    _other, secret, codes = with_app(library, "other")
    first_step(client)

    for code in (code_of(secret), codes[0]):
        assert client.post("/sign-in/second-step/", {"code": code}).status_code == 422
    assert not is_signed_in(client)


def test_who_has_to_set_one_up_gets_nowhere_else(client: Client, library: Library) -> None:
    library.new_account("rokafor", "circulation_desk_operator")
    require(library, "circulation_desk_operator")
    first_step(client)

    for path in ("/", "/location/", "/patron-services/", "/users/", "/configuration/"):
        assert client.get(path)["Location"] == "/my-sign-in/"
    assert client.post("/patron-services/", {"typed": "jdoe"})["Location"] == "/my-sign-in/"
    as_part = client.get("/patron-services/suggestions/", headers={"HX-Request": "true"})
    assert as_part["HX-Redirect"] == "/my-sign-in/"
    assert "demands a second factor" in client.get("/my-sign-in/").content.decode()

    secret = _set_up(client)

    assert client.get("/location/").status_code == 200
    assert code_of(secret)


def test_a_temporary_password_is_changed_before_anything_else(client: Client, library: Library) -> None:
    account = library.new_account("rokafor", "circulation_desk_operator")
    Account.objects.filter(pk=account.pk).update(must_change_password=True)
    first_step(client)

    assert client.get("/patron-services/")["Location"] == "/my-sign-in/password/"
    new = "a long password 1"
    client.post("/my-sign-in/password/", {"current": PASSWORD, "password": new, "again": new})

    assert client.get("/location/").status_code == 200


def _set_up(client: Client) -> str:
    client.get("/my-sign-in/app/")
    secret = str(client.session["second_factor_app"])
    response = client.post("/my-sign-in/app/", {"code": code_of(secret)})
    assert response.context["codes"]
    return secret
