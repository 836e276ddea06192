"""Signing in by SAML, against a real identity provider of pysaml2."""

import base64
import shutil
from pathlib import Path

import pytest
from django.test import Client

from amerce.access.models import IdentityProvider
from amerce.access.providers import Given, ProviderFacts, save_provider
from amerce.events.models import Event
from amerce.web.single_sign_on import HAS_SAML
from tests.access.test_second_factor import ADMIN, DESK
from tests.web.test_second_step import is_signed_in
from tests.web.test_single_sign_on import refusals, roles
from tests.world import NOON, Library

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not HAS_SAML, reason="amerce[saml] is not installed"),
    pytest.mark.skipif(not shutil.which("xmlsec1"), reason="pysaml2 signs by Debian's xmlsec1"),
]


@pytest.fixture
def client() -> Client:
    return Client(headers={"host": "testserver"})


@pytest.fixture
def idp(tmp_path: Path):  # type: ignore[no-untyped-def]
    from tests.web.saml_provider import SamlProvider

    return SamlProvider(tmp_path)


@pytest.fixture
def provider(client: Client, library: Library, idp) -> IdentityProvider:  # type: ignore[no-untyped-def]
    from tests.web.saml_provider import ENTITY, SIGN_IN

    facts = ProviderFacts(
        label="University",
        protocol="saml",
        server=ENTITY,
        sign_in_url=SIGN_IN,
        certificate=idp.certificate,
        username_claim="urn:mace:dir:attribute-def:uid",
        role_claim="urn:mace:dir:attribute-def:eduPersonAffiliation",
        roles=(Given("desk", DESK),),
    )
    row = IdentityProvider.objects.get(pk=save_provider(actor=library.staff(ADMIN), at=NOON, facts=facts))
    idp.trust(client.get(f"/sign-in/with/{row.pk}/metadata/").content.decode())
    return row


def away(client: Client, provider: IdentityProvider, query: str = "") -> str:
    address = client.get(f"/sign-in/with/{provider.pk}/{query}")["Location"]
    assert address.startswith(provider.sign_in_url)
    return str(address)


def bring(client: Client, provider: IdentityProvider, answer: str):  # type: ignore[no-untyped-def]
    """Post the answer, from the provider's page without a cookie of ours, and follow to where it is read."""
    finish = client.post(f"/sign-in/with/{provider.pk}/answer/", {"SAMLResponse": answer})
    assert finish["Location"] == f"/sign-in/with/{provider.pk}/finish/"
    return client.get(finish["Location"])


def test_who_has_an_account_signs_in_with_the_roles_of_the_attributes(client, library: Library, provider, idp) -> None:  # type: ignore[no-untyped-def]
    account = library.new_account("rokafor", "auditor")
    answer = idp.answer(
        away(client, provider, "?next=/returns/"), "1001", uid=["rokafor"], eduPersonAffiliation=["desk", "x"]
    )

    response = bring(client, provider, answer)

    assert response["Location"] == "/location/?next=%2Freturns%2F"
    assert is_signed_in(client)
    assert roles(account) == [("auditor", None), (DESK, provider.pk)]
    assert Event.objects.get(name="session.signed_in").data == {"methods": ["provider"]}


def test_an_answer_is_taken_once_and_only_by_the_browser_that_asked(client, library: Library, provider, idp) -> None:  # type: ignore[no-untyped-def]
    library.new_account("rokafor")
    answer = idp.answer(away(client, provider), "1001", uid=["rokafor"])

    stolen = Client(headers={"host": "testserver"})
    assert bring(stolen, provider, answer)["Location"] == "/sign-in/"
    assert not is_signed_in(stolen)
    bring(client, provider, answer)
    assert is_signed_in(client)
    client.post("/sign-out/")
    assert bring(client, provider, answer)["Location"] == "/sign-in/"
    assert not is_signed_in(client)


def test_an_answer_that_is_not_signed_or_was_changed_is_refused(client, library: Library, provider, idp) -> None:  # type: ignore[no-untyped-def]
    library.new_account("rokafor")
    library.new_account("admin")
    unsigned = idp.answer(away(client, provider), "1001", signed=False, uid=["rokafor"])
    signed = base64.b64decode(idp.answer(away(client, provider), "1001", uid=["rokafor"])).decode()
    changed = base64.b64encode(signed.replace(">rokafor<", ">admin<").encode()).decode()
    assert ">rokafor<" in signed

    for answer in (unsigned, changed, "no base 64!", base64.b64encode(b"<x/>").decode(), ""):
        assert bring(client, provider, answer)["Location"] == "/sign-in/"
        assert not is_signed_in(client)


def test_whom_we_do_not_know_is_refused(client, library: Library, provider, idp) -> None:  # type: ignore[no-untyped-def]
    bring(client, provider, idp.answer(away(client, provider), "1002", uid=["newcomer"]))

    assert not is_signed_in(client)
    assert refusals() == ["no_account"]


def test_one_protocol_is_not_served_at_the_addresses_of_the_other(client: Client, provider) -> None:  # type: ignore[no-untyped-def]
    assert client.get(f"/sign-in/with/{provider.pk}/back/").status_code == 404
    IdentityProvider.objects.filter(pk=provider.pk).update(protocol="oidc")
    for path in ("metadata", "finish", "sign-out"):
        assert client.get(f"/sign-in/with/{provider.pk}/{path}/").status_code == 404
