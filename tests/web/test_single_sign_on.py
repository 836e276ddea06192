"""Signing in by OpenID Connect, against a real provider that runs on this machine."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.test import Client
from oidc_provider_mock import User, run_server_in_thread

from amerce.access.models import Account, IdentityProvider, ProviderIdentity, RoleAssignment
from amerce.access.providers import Given, ProviderFacts, save_provider
from amerce.events.models import Event
from tests.access.test_second_factor import ADMIN, DESK, code_of, require, with_app
from tests.web.test_second_step import is_signed_in
from tests.world import NOON, PASSWORD, Library

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    users = (
        User(sub="1001", claims={"preferred_username": "ROkafor", "name": "R. Okafor", "groups": ["desk", "other"]}),
        User(sub="1002", claims={"preferred_username": "newcomer", "name": "New Comer", "groups": "desk"}),
        User(sub="1003", claims={"preferred_username": "rokafor"}),
        User(sub="1004", claims={"preferred_username": 7, "groups": {"desk": True}}),
        User(sub="1005", claims={"preferred_username": "two words"}),
    )
    with run_server_in_thread(user_claims=users) as running:
        yield f"http://localhost:{running.server_port}"


@pytest.fixture
def facts(server: str) -> ProviderFacts:
    return ProviderFacts(
        label="University",
        protocol="oidc",
        server=server,
        client_id="amerce",
        role_claim="groups",
        roles=(Given("desk", DESK),),
    )


@pytest.fixture
def provider(library: Library, facts: ProviderFacts) -> IdentityProvider:
    return IdentityProvider.objects.get(pk=configure(library, facts))


def configure(library: Library, facts: ProviderFacts, provider_id: int | None = None) -> int:
    return save_provider(
        actor=library.staff(ADMIN), at=NOON, facts=facts, client_secret="secret", provider_id=provider_id
    )


def vouched(client: Client, provider: IdentityProvider, subject: str, *, going_to: str = "") -> str:
    """Goes to the provider, says there who one is, and answers the address that leads back."""
    query = f"?next={going_to}" if going_to else ""
    away = client.get(f"/sign-in/with/{provider.pk}/{query}")["Location"]
    assert away.startswith(provider.server)
    back = requests.post(away, data={"sub": subject}, allow_redirects=False, timeout=5).headers["Location"]
    return str(urlsplit(back)._replace(scheme="", netloc="").geturl())


def sign_in(client: Client, provider: IdentityProvider, subject: str, *, going_to: str = ""):  # type: ignore[no-untyped-def]
    return client.get(vouched(client, provider, subject, going_to=going_to))


def roles(account: Account) -> list[tuple[str, int | None]]:
    return list(account.roles.order_by("role").values_list("role", "provider_id"))


def refusals() -> list[object]:
    return [each.data.get("because") for each in Event.objects.filter(name="session.refused").order_by("pk")]


def test_the_form_offers_the_provider_and_sends_what_only_it_can_answer(client: Client, provider) -> None:  # type: ignore[no-untyped-def]
    page = client.get("/sign-in/?next=/returns/").content.decode()
    assert f'href="/sign-in/with/{provider.pk}/?next=/returns/"' in page
    assert "Sign in with University" in page

    asked = parse_qs(urlsplit(client.get(f"/sign-in/with/{provider.pk}/")["Location"]).query)

    assert asked["redirect_uri"] == [f"http://testserver/sign-in/with/{provider.pk}/back/"]
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["state"][0]) >= 16


def test_who_has_an_account_is_linked_signed_in_and_given_the_roles_of_the_claims(
    client: Client, library: Library, provider: IdentityProvider
) -> None:
    account = library.new_account("rokafor", "auditor")

    response = sign_in(client, provider, "1001", going_to="/returns/")

    assert response["Location"] == "/location/?next=%2Freturns%2F"
    assert is_signed_in(client)
    assert roles(account) == [("auditor", None), (DESK, provider.pk)]
    assert ProviderIdentity.objects.get(account=account).subject == "1001"
    assert Event.objects.get(name="session.signed_in").data == {"methods": ["provider"]}
    changed = Event.objects.get(name="account.changed")
    assert changed.data["before"] == {"roles": [["auditor", None]]}
    assert changed.data["after"] == {"roles": [["auditor", None], [DESK, None]]}


def test_roles_go_when_the_claim_does_not_say_them_any_more_and_what_was_given_by_hand_stays(
    client: Client, library: Library, provider: IdentityProvider, facts: ProviderFacts
) -> None:
    account = library.new_account("rokafor", "auditor")
    sign_in(client, provider, "1001")
    configure(library, replace(facts, roles=(Given("other", "bursar_clerk", library.library.pk),)), provider.pk)

    sign_in(client, provider, "1001")

    assert roles(account) == [("auditor", None), ("bursar_clerk", provider.pk)]
    assert account.roles.get(role="bursar_clerk").library_id == library.library.pk


def test_a_role_that_is_held_by_hand_stays_by_hand(
    client: Client, library: Library, provider: IdentityProvider
) -> None:
    account = library.new_account("rokafor", DESK)

    sign_in(client, provider, "1001")

    assert roles(account) == [(DESK, None)]


def test_whom_the_provider_knows_and_we_do_not_is_refused_unless_it_makes_accounts(
    client: Client, library: Library, provider: IdentityProvider, facts: ProviderFacts
) -> None:
    response = sign_in(client, provider, "1002")
    assert response["Location"] == "/sign-in/"
    assert "there is no account for you here" in client.get("/sign-in/").content.decode()
    assert not Account.objects.filter(username="newcomer").exists()
    assert refusals() == ["no_account"]

    configure(library, replace(facts, makes_accounts=True), provider.pk)
    sign_in(client, provider, "1002")

    made = Account.objects.get(username="newcomer")
    assert (made.name, made.has_usable_password(), roles(made)) == ("New Comer", False, [(DESK, provider.pk)])
    assert is_signed_in(client)
    assert Event.objects.get(name="account.created", actor_name="University").data["provider"] == provider.pk


def test_another_subject_does_not_get_an_account_by_its_name(
    client: Client, library: Library, provider: IdentityProvider
) -> None:
    library.new_account("rokafor")
    sign_in(client, provider, "1001")
    client.post("/sign-out/")

    sign_in(client, provider, "1003")

    assert not is_signed_in(client)
    assert refusals() == ["name_taken"]


def test_an_account_of_another_institution_is_not_reached(
    client: Client, other_library: Library, provider: IdentityProvider
) -> None:
    other_library.new_account("rokafor")

    sign_in(client, provider, "1001")

    assert not is_signed_in(client)
    assert refusals() == ["name_taken"]
    assert ProviderIdentity.objects.count() == 0


@pytest.mark.parametrize("subject", ["1004", "1005", "nobody-set-up"])
def test_claims_that_are_no_user_name_make_nothing(
    client: Client, library: Library, provider: IdentityProvider, facts: ProviderFacts, subject: str
) -> None:
    configure(library, replace(facts, makes_accounts=True), provider.pk)
    before = Account.objects.count()

    sign_in(client, provider, subject)

    assert not is_signed_in(client)
    assert Account.objects.count() == before
    assert refusals() == ["malformed"]


def test_who_may_not_sign_in_any_more_does_not_by_a_provider(
    client: Client, library: Library, provider: IdentityProvider
) -> None:
    account = library.new_account("rokafor")
    Account.objects.filter(pk=account.pk).update(is_active=False)

    sign_in(client, provider, "1001")

    assert not is_signed_in(client)
    assert refusals() == ["inactive"]
    assert RoleAssignment.objects.filter(account=account).count() == 0


def test_who_set_up_a_second_factor_here_is_asked_for_it(client: Client, library: Library, provider) -> None:  # type: ignore[no-untyped-def]
    _account, secret, _codes = with_app(library)

    response = sign_in(client, provider, "1001")
    assert response["Location"] == "/sign-in/second-step/"
    assert not is_signed_in(client)
    client.post("/sign-in/second-step/", {"code": code_of(secret)})

    assert Event.objects.get(name="session.signed_in").data == {"methods": ["provider", "totp"]}


def test_who_comes_by_a_provider_has_to_set_up_none_here(client: Client, library: Library, provider) -> None:  # type: ignore[no-untyped-def]
    library.new_account("rokafor", DESK)
    require(library, DESK)

    sign_in(client, provider, "1001")

    assert client.get("/location/").status_code == 200


def test_an_answer_is_taken_once_and_only_by_the_browser_that_asked(
    client: Client, library: Library, provider: IdentityProvider
) -> None:
    library.new_account("rokafor")
    back = vouched(client, provider, "1001")

    stolen = Client()
    assert stolen.get(back)["Location"] == "/sign-in/"
    assert not is_signed_in(stolen)
    client.get(back)
    assert is_signed_in(client)
    client.post("/sign-out/")
    assert client.get(back)["Location"] == "/sign-in/"
    assert not is_signed_in(client)


@pytest.mark.parametrize("query", ["", "?error=access_denied", "?code=x", "?code=x&state=y", "?state=%00"])
def test_what_is_no_answer_leads_back_to_the_form(client: Client, provider: IdentityProvider, query: str) -> None:
    client.get(f"/sign-in/with/{provider.pk}/")

    response = client.get(f"/sign-in/with/{provider.pk}/back/{query}")

    assert response["Location"] == "/sign-in/"
    assert "Signing in with University did not work." in client.get("/sign-in/").content.decode()


def test_a_provider_that_does_not_answer_is_told_in_a_sentence(
    client: Client, library: Library, facts: ProviderFacts
) -> None:
    gone = configure(library, replace(facts, label="Gone", server="http://localhost:9"))

    assert client.get(f"/sign-in/with/{gone}/")["Location"] == "/sign-in/"
    assert "Signing in with Gone did not work." in client.get("/sign-in/").content.decode()


def test_a_provider_that_is_off_or_not_there_is_not_found(
    client: Client, library: Library, provider: IdentityProvider, facts: ProviderFacts
) -> None:
    configure(library, replace(facts, is_active=False), provider.pk)

    for path in (f"/sign-in/with/{provider.pk}/", f"/sign-in/with/{provider.pk}/back/", "/sign-in/with/999/"):
        assert client.get(path).status_code == 404
    assert "University" not in client.get("/sign-in/").content.decode()


def test_another_site_is_no_place_to_go_on_to(client: Client, library: Library, provider: IdentityProvider) -> None:
    library.new_account("rokafor")

    assert sign_in(client, provider, "1001", going_to="https://elsewhere.example/")["Location"] == "/location/"


def test_nobody_links_a_provider_to_the_account_they_are_signed_in_with(
    client: Client, library: Library, provider: IdentityProvider
) -> None:
    library.new_account("somebody", ADMIN)
    client.post("/sign-in/", {"username": "somebody", "password": PASSWORD})
    away = client.get(f"/sign-in/with/{provider.pk}/?process=connect")["Location"]
    back = requests.post(away, data={"sub": "1002"}, allow_redirects=False, timeout=5).headers["Location"]

    client.get(back.removeprefix("http://testserver"))

    assert ProviderIdentity.objects.count() == 0
    assert refusals() == ["no_account"]


def test_allauths_own_pages_have_no_address(client: Client) -> None:
    for path in (
        "/accounts/signup/",
        "/accounts/login/",
        "/accounts/social/connections/",
        "/signup/",
        "/oidc/1/login/",
    ):
        assert client.get(path).status_code in (302, 404)
        assert client.get(path, follow=True).request["PATH_INFO"] in (path, "/sign-in/")
