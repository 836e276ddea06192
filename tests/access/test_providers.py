from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from amerce.access.can import NotAllowed
from amerce.access.models import Account, IdentityProvider, RoleAssignment
from amerce.access.providers import (
    AddressNotSafe,
    CertificateUnreadable,
    Given,
    ProviderFacts,
    active_providers,
    providers_of,
    remove_provider,
    save_provider,
)
from amerce.access.sealed import unseal
from amerce.access.sign_in_by_provider import Claims, sign_in_by_provider
from amerce.events.models import Event
from amerce.inputs.errors import ChoiceUnknown, NameMissing, NameTaken, OutOfDate, RowNotFound, TextTooLong
from amerce.inputs.stamp import stamp_of
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
ADMIN = "general_system_administrator"
FACTS = ProviderFacts(
    label="University",
    protocol="oidc",
    server="https://id.example/",
    client_id="amerce",
    role_claim="groups",
    roles=(Given("staff", "auditor"),),
)


def certificate() -> str:
    """One in PEM, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "id.example")])
    at = datetime(2026, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(at).not_valid_after(at + timedelta(days=9999))
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def saml(**changed: object) -> ProviderFacts:
    said = {"protocol": "saml", "server": "urn:id", "sign_in_url": "https://id.example/sso", "username_claim": "uid"}
    return replace(FACTS, **{**said, "certificate": certificate(), **changed})  # type: ignore[arg-type]


def save(library: Library, facts: ProviderFacts = FACTS, secret: str = "a secret", **more: object) -> int:
    inputs = {"actor": library.staff(ADMIN), "at": NOON, "facts": facts, "client_secret": secret, **more}
    return save_provider(**inputs)  # type: ignore[arg-type]


def test_the_secret_is_sealed_and_in_no_event(library: Library) -> None:
    row = IdentityProvider.objects.get(pk=save(library))

    assert "a secret" not in row.sealed_secret
    assert unseal(row.sealed_secret) == "a secret"
    event = Event.objects.get(name="identity_provider.changed")
    assert "a secret" not in str(event.data)
    assert (event.data["row"], event.data["before"], event.data["fields"]) == (row.pk, None, ["client_secret"])
    assert event.data["after"]["server"] == row.server == "https://id.example"


def test_an_empty_secret_leaves_the_one_there_is(library: Library) -> None:
    row_id = save(library)

    save(library, replace(FACTS, label="Campus"), "", provider_id=row_id)

    row = IdentityProvider.objects.get()
    assert (row.label, unseal(row.sealed_secret)) == ("Campus", "a secret")


def test_another_issuer_gets_no_secret_that_was_not_given_for_it(library: Library) -> None:
    row_id = save(library)
    kept = IdentityProvider.objects.get().sealed_secret

    with pytest.raises(NameMissing) as missing:
        save(library, replace(FACTS, server="https://elsewhere.example"), "", provider_id=row_id)

    assert missing.value.field == "client_secret"
    row = IdentityProvider.objects.get()
    assert (row.server, row.sealed_secret) == ("https://id.example", kept)
    save(library, replace(FACTS, server="https://elsewhere.example"), "another", provider_id=row_id)
    assert unseal(IdentityProvider.objects.get().sealed_secret) == "another"


def test_saying_the_same_again_writes_nothing(library: Library) -> None:
    row_id = save(library)
    before = Event.objects.count()

    save(library, replace(FACTS, server="https://id.example"), "", provider_id=row_id)

    assert Event.objects.count() == before


def test_saml_keeps_the_certificate_without_its_frame(library: Library) -> None:
    pem = certificate()

    row = IdentityProvider.objects.get(pk=save(library, saml(certificate=pem), ""))

    assert row.certificate == "".join(pem.strip().split("\n")[1:-1])
    assert save(library, ProviderFacts.of(row), "", provider_id=row.pk) == row.pk


@pytest.mark.parametrize(
    ("changed", "refusal", "field"),
    [
        ({"label": " "}, NameMissing, "label"),
        ({"label": "x" * 61}, TextTooLong, "label"),
        ({"protocol": "magic"}, ChoiceUnknown, "protocol"),
        ({"server": ""}, NameMissing, "server"),
        ({"server": "http://id.example"}, AddressNotSafe, "server"),
        ({"server": "javascript:alert(1)"}, AddressNotSafe, "server"),
        ({"server": "https://user:word@id.example"}, AddressNotSafe, "server"),
        ({"server": "https://[broken"}, AddressNotSafe, "server"),
        ({"client_id": ""}, NameMissing, "client_id"),
        ({"username_claim": ""}, NameMissing, "username_claim"),
        ({"roles": (Given("staff", "king"),)}, ChoiceUnknown, "roles"),
        ({"roles": (Given("staff", "auditor", 999_999),)}, ChoiceUnknown, "roles"),
        ({"roles": (Given(" ", "auditor"),)}, NameMissing, "roles"),
    ],
)
def test_a_refusal_writes_nothing(
    library: Library, changed: dict[str, object], refusal: type[Exception], field: str
) -> None:
    with pytest.raises(refusal) as refused:
        save(library, replace(FACTS, **changed))  # type: ignore[arg-type]

    assert refused.value.field == field  # type: ignore[attr-defined]
    assert (IdentityProvider.objects.count(), Event.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"sign_in_url": "http://id.example/sso"}, AddressNotSafe),
        ({"sign_in_url": ""}, NameMissing),
        ({"certificate": ""}, NameMissing),
        ({"certificate": "bm8gY2VydGlmaWNhdGU="}, CertificateUnreadable),
        ({"certificate": "ünlesbar"}, CertificateUnreadable),
    ],
)
def test_saml_is_refused_without_what_it_needs(
    library: Library, changed: dict[str, object], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        save(library, saml(**changed), "")
    assert IdentityProvider.objects.count() == 0


def test_openid_connect_needs_a_secret_and_a_label_of_its_own(library: Library) -> None:
    with pytest.raises(NameMissing):
        save(library, secret="")
    save(library)
    with pytest.raises(NameTaken):
        save(library)
    assert IdentityProvider.objects.count() == 1


def test_a_page_that_is_out_of_date_changes_nothing(library: Library) -> None:
    row_id = save(library)
    stamp = stamp_of(ProviderFacts.of(IdentityProvider.objects.get()))
    save(library, replace(FACTS, label="Campus"), provider_id=row_id)

    with pytest.raises(OutOfDate):
        save(library, replace(FACTS, label="Third"), provider_id=row_id, expected_stamp=stamp)
    with pytest.raises(OutOfDate):
        remove_provider(actor=library.staff(ADMIN), at=NOON, provider_id=row_id, expected_stamp=stamp)
    assert IdentityProvider.objects.get().label == "Campus"


def test_removing_takes_the_roles_it_gave_and_leaves_the_accounts(library: Library) -> None:
    row = IdentityProvider.objects.get(pk=save(library, replace(FACTS, makes_accounts=True)))
    sign_in_by_provider(at=NOON, provider=row, claims=Claims("1", "newcomer", role_values=("staff",)))
    account = Account.objects.get(username="newcomer")
    assert account.roles.count() == 1

    remove_provider(actor=library.staff(ADMIN), at=NOON, provider_id=row.pk)

    assert RoleAssignment.objects.filter(account=account).count() == 0
    assert active_providers() == []
    assert Event.objects.filter(name="identity_provider.changed").latest("pk").data["after"] is None


def test_the_last_who_can_edit_roles_keeps_them_whatever_the_claims_say(library: Library) -> None:
    gives = replace(FACTS, makes_accounts=True, roles=(Given("boss", ADMIN),))
    row = IdentityProvider.objects.get(pk=save(library, gives))
    sign_in_by_provider(at=NOON, provider=row, claims=Claims("1", "boss", role_values=("boss",)))
    Account.objects.exclude(username="boss").update(is_active=False)

    account = sign_in_by_provider(at=NOON, provider=row, claims=Claims("1", "boss"))

    assert list(account.roles.values_list("role", flat=True)) == [ADMIN]


def test_another_institution_sees_and_changes_nothing(library: Library, other_library: Library) -> None:
    row_id = save(library)
    stranger = other_library.staff(ADMIN)

    assert providers_of(stranger) == []
    with pytest.raises(RowNotFound):
        save_provider(actor=stranger, at=NOON, facts=replace(FACTS, label="Mine"), provider_id=row_id)
    with pytest.raises(RowNotFound):
        remove_provider(actor=stranger, at=NOON, provider_id=row_id)
    assert IdentityProvider.objects.get().label == "University"


def test_who_may_not_edit_roles_configures_nothing(library: Library) -> None:
    row_id = save(library)
    before = Event.objects.count()

    for refused in (
        lambda: providers_of(library.manager),
        lambda: save_provider(actor=library.manager, at=NOON, facts=FACTS, client_secret="x"),
        lambda: remove_provider(actor=library.manager, at=NOON, provider_id=row_id),
    ):
        with pytest.raises(NotAllowed):
            refused()
    assert (IdentityProvider.objects.count(), Event.objects.count()) == (1, before)
