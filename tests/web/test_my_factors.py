"""My Sign-In > the second factor."""

import re
from html import unescape

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from amerce.access.models import Account
from amerce.access.second_factor import KEYS_LIMIT, add_key, factors_of
from amerce.events.models import Event
from tests.access.test_second_factor import code_of, kinds, me, require, with_app
from tests.web.security_key import SecurityKey
from tests.web.stamped import send
from tests.web.test_second_step import first_step, is_signed_in
from tests.world import NOON, PASSWORD, Library

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(library: Library) -> Account:
    return library.new_account("rokafor", "circulation_desk_operator")


@pytest.fixture
def mine(client: Client, account: Account) -> Client:
    """Somebody who signed in a moment ago, over https, as keys demand."""
    client.defaults["wsgi.url_scheme"] = "https"
    first_step(client)
    return client


def options_on(page: str) -> str:
    found = re.search(r'data-options="([^"]+)"', page)
    assert found
    return unescape(found[1])


def add(client: Client, key: SecurityKey, name: str = "Blue key"):  # type: ignore[no-untyped-def]
    options = options_on(client.get("/my-sign-in/keys/new/").content.decode())
    return client.post("/my-sign-in/keys/new/", {"name": name, "credential": key.create(options)})


def test_an_app_is_set_up_from_the_picture_or_the_key_beside_it(mine: Client, account: Account) -> None:
    page = mine.get("/my-sign-in/app/").content.decode()
    secret = str(mine.session["second_factor_app"])
    assert 'src="data:image/svg+xml;base64,' in page
    assert " ".join(secret[start : start + 4] for start in range(0, 32, 4)) in page

    response = mine.post("/my-sign-in/app/", {"code": code_of(secret)})

    assert len(re.findall(r'<li class="code">\d{8}</li>', response.content.decode())) == 10
    assert kinds(account) == ["totp", "recovery_codes"]
    assert "second_factor_app" not in mine.session
    assert re.search(r"10\s+recovery codes are left", mine.get("/my-sign-in/").content.decode())


def test_a_wrong_code_keeps_the_same_picture(mine: Client, account: Account) -> None:
    mine.get("/my-sign-in/app/")
    secret = mine.session["second_factor_app"]

    response = mine.post("/my-sign-in/app/", {"code": "000000"})

    assert response.status_code == 422
    assert "Is the clock of the telephone right?" in response.content.decode()
    assert mine.session["second_factor_app"] == secret
    assert kinds(account) == []


def test_a_security_key_is_added_and_signs_in(mine: Client, account: Account) -> None:
    key = SecurityKey()
    assert add(mine, key).context["codes"]
    mine.post("/sign-out/")
    first_step(mine)
    assert not is_signed_in(mine)

    options = options_on(mine.get("/sign-in/second-step/").content.decode())
    response = mine.post("/sign-in/second-step/", {"credential": key.get(options)})

    assert response["Location"] == "/location/"
    assert is_signed_in(mine)
    assert Event.objects.filter(name="session.signed_in").latest("pk").data == {"methods": ["password", "webauthn"]}


def test_another_key_or_an_old_answer_is_refused(mine: Client, account: Account) -> None:
    key = SecurityKey()
    add(mine, key)
    mine.post("/sign-out/")
    first_step(mine)
    old = options_on(mine.get("/sign-in/second-step/").content.decode())
    now = options_on(mine.get("/sign-in/second-step/").content.decode())

    for answer in (SecurityKey().get(now), key.get(old), SecurityKey("https://elsewhere.example").get(now)):
        assert mine.post("/sign-in/second-step/", {"credential": answer}).status_code == 422
    assert not is_signed_in(mine)


def test_a_key_of_another_site_is_not_added(mine: Client, account: Account) -> None:
    response = add(mine, SecurityKey("https://elsewhere.example"))

    assert response.status_code == 422
    assert "The key was not added." in response.content.decode()
    assert kinds(account) == []


@pytest.mark.parametrize("credential", ["", "{}", "[]", '{"id": 1}', '{"id": "x", "response": {}}'])
def test_what_is_no_answer_of_a_key_adds_nothing(mine: Client, account: Account, credential: str) -> None:
    mine.get("/my-sign-in/keys/new/")

    response = mine.post("/my-sign-in/keys/new/", {"name": "Blue key", "credential": credential})

    assert response.status_code == 422
    assert kinds(account) == []


def test_there_is_a_limit_to_keys(mine: Client, account: Account) -> None:
    add(mine, SecurityKey())
    row = Authenticator.objects.get(user=account, type="webauthn")
    for number in range(KEYS_LIMIT - 1):
        add_key(actor=me(account), at=NOON, name=f"Key {number}", credential=row.data["credential"])

    response = add(mine, SecurityKey(), "One more")

    assert "There are 10 keys already." in response.content.decode()
    assert kinds(account).count("webauthn") == KEYS_LIMIT


def test_removing_the_last_one_is_refused_while_a_role_demands_it(
    mine: Client, library: Library, account: Account
) -> None:
    add(mine, SecurityKey())
    require(library, "circulation_desk_operator")

    page = mine.post(f"/my-sign-in/factors/{factors_of(account)[0].pk}/remove/", follow=True).content.decode()

    assert "Add another before you remove this one." in page
    assert "webauthn" in kinds(account)


def test_removing_it_asks_for_the_password_alone_from_then_on(mine: Client, account: Account) -> None:
    add(mine, SecurityKey())

    mine.post(f"/my-sign-in/factors/{factors_of(account)[0].pk}/remove/")
    mine.post("/sign-out/")
    first_step(mine)

    assert is_signed_in(mine)


def test_new_recovery_codes_are_shown_once(mine: Client, account: Account) -> None:
    before = add(mine, SecurityKey()).context["codes"]

    response = mine.post("/my-sign-in/recovery-codes/")

    assert len(response.context["codes"]) == 10
    assert not set(before) & set(response.context["codes"])
    assert response.context["codes"][0] not in mine.get("/my-sign-in/").content.decode()


def test_who_signed_in_long_ago_shows_the_password_first(client: Client, library: Library, time_machine) -> None:  # type: ignore[no-untyped-def]
    time_machine.move_to("2026-03-02 12:00:00")
    account, secret, _codes = with_app(library)
    first_step(client)
    client.post("/sign-in/second-step/", {"code": code_of(secret, periods=1)})
    time_machine.move_to("2026-03-02 12:11:00")
    app = factors_of(account)[0].pk

    asked = client.get("/my-sign-in/app/")
    assert asked["Location"] == "/my-sign-in/again/?next=%2Fmy-sign-in%2Fapp%2F"
    for path in (f"/my-sign-in/factors/{app}/remove/", "/my-sign-in/recovery-codes/"):
        assert client.post(path)["Location"].startswith("/my-sign-in/again/")
    assert kinds(account) == ["totp", "recovery_codes"]

    wrong = client.post("/my-sign-in/again/", {"current": "guess", "next": "/my-sign-in/app/"})
    assert "This is not your password." in wrong.content.decode()
    right = client.post("/my-sign-in/again/", {"current": PASSWORD, "next": "/my-sign-in/app/"})
    assert right["Location"] == "/my-sign-in/app/"
    assert client.get("/my-sign-in/app/").status_code == 200
    elsewhere = client.post("/my-sign-in/again/", {"current": PASSWORD, "next": "https://elsewhere.example/"})
    assert elsewhere["Location"] == "/my-sign-in/"


def test_a_second_factor_that_is_demanded_anew_ends_the_sign_ins_of_who_has_none(
    mine: Client, library: Library
) -> None:
    library.new_account("other", "auditor")
    others = Client()
    others.post("/sign-in/", {"username": "other", "password": PASSWORD})
    assert mine.get("/my-sign-in/").status_code == 200

    require(library, "circulation_desk_operator")

    assert mine.get("/my-sign-in/")["Location"].startswith("/sign-in/")
    assert others.get("/my-sign-in/").status_code == 200, "it is not demanded of them"
    first_step(mine)
    assert mine.get("/")["Location"] == "/my-sign-in/"


def test_who_has_a_second_factor_stays_signed_in_when_it_is_demanded(client: Client, library: Library) -> None:
    _account, secret, _codes = with_app(library)
    first_step(client)
    client.post("/sign-in/second-step/", {"code": code_of(secret)})

    require(library, "circulation_desk_operator")

    assert client.get("/my-sign-in/").status_code == 200


def test_who_demands_it_of_a_role_of_their_own_sets_it_up_next(client: Client, library: Library) -> None:
    library.new_account("admin", "general_system_administrator")
    client.post("/sign-in/", {"username": "admin", "password": PASSWORD})

    send(client, "/configuration/sign-in/", {"second_factor_roles": ["general_system_administrator"]})

    assert client.get("/configuration/")["Location"] == "/my-sign-in/"
