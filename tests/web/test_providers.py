"""Configuration > Single Sign-On and Sign-In."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from amerce.access.models import IdentityProvider
from amerce.access.sealed import unseal
from amerce.access.sign_in_settings import sign_in_settings
from tests.access.test_providers import certificate
from tests.web.stamped import send
from tests.world import Library

pytestmark = pytest.mark.django_db
NEW = "/configuration/single-sign-on/new/"
TYPED = {
    "label": "University",
    "protocol": "oidc",
    "is_active": "on",
    "server": "https://id.example",
    "client_id": "amerce",
    "client_secret": "a secret",
    "username_claim": "preferred_username",
    "role_claim": "groups",
    "value_0": "staff",
    "role_0": "auditor",
}


@pytest.fixture
def client(sign_in: Callable[..., Client]) -> Client:
    return sign_in("general_system_administrator")


def add(client: Client, **changed: Any):  # type: ignore[no-untyped-def]
    return client.post(NEW, {**TYPED, **changed})


def test_a_provider_is_added_and_its_page_says_where_it_leads_back_to(client: Client, library: Library) -> None:
    response = add(client, library_0=str(library.library.pk))

    row = IdentityProvider.objects.get()
    assert response["Location"] == f"/configuration/single-sign-on/{row.pk}/"
    assert (row.institution_id, unseal(row.sealed_secret)) == (library.institution.pk, "a secret")
    assert list(row.roles.values_list("value", "role", "library")) == [("staff", "auditor", library.library.pk)]
    page = client.get(response["Location"]).content.decode()
    assert f"http://testserver/sign-in/with/{row.pk}/back/" in page
    assert "a secret" not in page
    assert "https://id.example" in client.get("/configuration/single-sign-on/").content.decode()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"server": "http://id.example"}, "An address that begins with https://."),
        ({"server": ""}, "This cannot be empty."),
        ({"client_secret": ""}, "This cannot be empty."),
        ({"protocol": "magic"}, "Choose one from the list."),
        ({"role_0": ""}, "A line needs both, the value and the role."),
        ({"role_0": "king"}, "Select a valid choice."),
        ({"protocol": "saml", "sign_in_url": "https://id.example/sso", "certificate": "x"}, "no certificate in PEM"),
    ],
)
def test_a_refusal_is_said_at_the_field_and_nothing_is_kept(
    client: Client, changed: dict[str, str], sentence: str
) -> None:
    response = add(client, **changed)

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert "a secret" not in response.content.decode()
    assert IdentityProvider.objects.count() == 0


def test_changing_it_keeps_the_secret_and_shows_what_changed(client: Client) -> None:
    path = add(client)["Location"]

    send(client, path, {**TYPED, "client_secret": "", "label": "Campus", "value_0": "", "role_0": ""})

    row = IdentityProvider.objects.get()
    assert (row.label, unseal(row.sealed_secret), row.roles.count()) == ("Campus", "a secret", 0)
    page = client.get(path).content.decode()
    assert "<del>University</del>" in page
    assert "<del>staff → auditor</del>" in page


def test_saml_is_added_with_its_certificate(client: Client) -> None:
    response = add(
        client, protocol="saml", server="urn:id", sign_in_url="https://id.example/sso", certificate=certificate()
    )

    row = IdentityProvider.objects.get()
    page = client.get(response["Location"]).content.decode()
    assert f"http://testserver/sign-in/with/{row.pk}/metadata/" in page


def test_removing_asks_first(client: Client) -> None:
    path = add(client)["Location"]
    assert "Nobody can sign in with University any more" in client.get(f"{path}remove/").content.decode()

    send(client, f"{path}remove/", {})

    assert IdentityProvider.objects.count() == 0
    assert client.get(path).status_code == 404


def test_the_roles_that_need_a_second_factor_are_ticked(client: Client, library: Library) -> None:
    send(client, "/configuration/sign-in/", {"second_factor_roles": ["auditor", "bursar_clerk"]})

    assert sign_in_settings(library.institution.pk).second_factor_roles == ("auditor", "bursar_clerk")
    page = client.get("/configuration/sign-in/").content.decode()
    assert page.count("checked") == 2
    assert "<ins>Bursar clerk, Auditor</ins>" in page or "<ins>Auditor, Bursar clerk</ins>" in page
