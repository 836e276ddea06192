"""Configuring who else vouches for people: providers of OpenID Connect and SAML."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from cryptography.x509 import load_pem_x509_certificate
from django.apps import apps

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.locked import locked_access
from amerce.access.models import IdentityProvider, ProviderRole
from amerce.access.privileges import Privilege
from amerce.access.roles import roles_of
from amerce.access.sealed import seal
from amerce.events.record import record
from amerce.inputs.checks import checked_name, checked_row, checked_text, possible_ids
from amerce.inputs.errors import ChoiceUnknown, NameMissing, NameTaken, Refused, RowNotFound
from amerce.inputs.stamp import require_unchanged

OIDC, SAML = IdentityProvider.Protocol.OIDC, IdentityProvider.Protocol.SAML
LABEL_LIMIT, CLAIM_LIMIT, ADDRESS_LIMIT, CERTIFICATE_LIMIT = 60, 200, 500, 20_000
_HERE = {"localhost", "127.0.0.1", "::1"}


class AddressNotSafe(Refused):
    """An address of a provider has to begin with https://, unless it is on this machine."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} is no safe address")
        self.field = field


class CertificateUnreadable(Refused):
    """What was given is no X.509 certificate in PEM or in base 64."""

    field = "certificate"


@dataclass(frozen=True, order=True)
class Given:
    """``value`` of the role claim gives ``role`` in one library, or everywhere."""

    value: str
    role: str
    library_id: int | None = EVERYWHERE


@dataclass(frozen=True, kw_only=True)
class ProviderFacts:
    """What a provider is, without its secret. See ``IdentityProvider``."""

    label: str
    protocol: str
    server: str
    is_active: bool = True
    client_id: str = ""
    sign_in_url: str = ""
    certificate: str = ""
    username_claim: str = "preferred_username"
    role_claim: str = ""
    makes_accounts: bool = False
    roles: tuple[Given, ...] = ()

    @classmethod
    def of(cls, provider: IdentityProvider) -> "ProviderFacts":
        """Two queries at most; none where the roles were read with it."""
        roles = tuple(sorted((Given(each.value, each.role, each.library_id) for each in provider.roles.all()), key=str))
        columns = {name: getattr(provider, name) for name in cls.__dataclass_fields__ if name != "roles"}
        return cls(**columns, roles=roles)


def providers_of(actor: Actor) -> list[IdentityProvider]:
    """The providers of the actor's institution by label. Two queries. Raises ``NotAllowed``."""
    require_for(actor, Privilege.ROLE_EDIT, EVERYWHERE)
    rows = IdentityProvider.objects.filter(institution_id=actor.institution_id).prefetch_related("roles")
    return list(rows.order_by("label"))


def active_providers() -> list[IdentityProvider]:
    """The providers that the form for signing in offers, whosever they are: nobody is known there yet. One query."""
    return list(IdentityProvider.objects.filter(is_active=True).order_by("label"))


def save_provider(
    *,
    actor: Actor,
    at: datetime,
    facts: ProviderFacts,
    client_secret: str = "",
    provider_id: int | None = None,
    expected_stamp: str | None = None,
) -> int:
    """Make a provider, or make the one of ``provider_id`` say ``facts``; answers its id.

    An empty ``client_secret`` leaves the one there is, unless the issuer is another: no secret goes to whom it was not
    given for. Raises ``NotAllowed``, ``RowNotFound``, ``OutOfDate``, ``NameMissing``, ``NameTaken``, ``TextTooLong``,
    ``TextMalformed``, ``AddressNotSafe``, ``CertificateUnreadable``, ``ChoiceUnknown`` for a protocol, a role or a
    library.
    """
    require_for(actor, Privilege.ROLE_EDIT, EVERYWHERE)
    facts = _checked(facts)
    with locked_access(actor):
        row = _own(actor, provider_id) if provider_id is not None else None
        before = ProviderFacts.of(row) if row else None
        if row and before == facts and not client_secret:
            return row.pk
        require_unchanged(before, expected_stamp)
        _check_rows(actor, facts, provider_id)
        is_same_issuer = row is not None and bool(row.sealed_secret) and row.server == facts.server
        if facts.protocol == OIDC and not client_secret and not is_same_issuer:
            raise NameMissing("client_secret")
        columns = {name: value for name, value in vars(facts).items() if name != "roles"}
        row = row or IdentityProvider(institution_id=actor.institution_id)
        for name, value in columns.items():
            setattr(row, name, value)
        if client_secret:
            row.sealed_secret = seal(checked_text("client_secret", client_secret, ADDRESS_LIMIT))
        row.updated_by, row.updated_at = actor.name, at
        row.save()
        _write_roles(row, facts.roles)
        _record(actor, at, row.pk, before, facts, is_secret_changed=bool(client_secret))
    return row.pk


def remove_provider(*, actor: Actor, at: datetime, provider_id: int, expected_stamp: str | None = None) -> None:
    """Remove a provider and the roles it gave; accounts stay. Raises as ``save_provider``, and ``NobodyLeft``."""
    require_for(actor, Privilege.ROLE_EDIT, EVERYWHERE)
    with locked_access(actor):
        row = _own(actor, provider_id)
        before = ProviderFacts.of(row)
        require_unchanged(before, expected_stamp)
        row.delete()
        _record(actor, at, provider_id, before, None)


def _own(actor: Actor, provider_id: int) -> IdentityProvider:
    rows = IdentityProvider.objects.filter(institution_id=actor.institution_id, pk__in=possible_ids([provider_id]))
    found = rows.prefetch_related("roles").first()
    if found is None:
        raise RowNotFound(provider_id)
    return found


def _checked(facts: ProviderFacts) -> ProviderFacts:
    if facts.protocol not in IdentityProvider.Protocol.values:
        raise ChoiceUnknown("protocol")
    said: dict[str, Any] = dict(vars(facts))
    said["label"] = checked_name("label", facts.label, LABEL_LIMIT)
    said["username_claim"] = checked_name("username_claim", facts.username_claim, CLAIM_LIMIT)
    said["role_claim"] = checked_text("role_claim", facts.role_claim.strip(), CLAIM_LIMIT)
    said["server"] = checked_name("server", facts.server, ADDRESS_LIMIT)
    if facts.protocol == OIDC:
        said["server"] = _safe("server", said["server"]).rstrip("/")
        said["client_id"] = checked_name("client_id", facts.client_id, CLAIM_LIMIT)
        said["sign_in_url"] = said["certificate"] = ""
    else:
        said["sign_in_url"] = _safe("sign_in_url", checked_name("sign_in_url", facts.sign_in_url, ADDRESS_LIMIT))
        said["certificate"] = _certificate(facts.certificate)
        said["client_id"] = ""
    said["roles"] = tuple(sorted(set(facts.roles), key=str))
    for given in said["roles"]:
        checked_name("roles", given.value, CLAIM_LIMIT)
    return ProviderFacts(**said)


def _safe(field: str, address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        raise AddressNotSafe(field) from None
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)
    if not is_safe or not parts.hostname or parts.username or parts.fragment:
        raise AddressNotSafe(field)
    return address


def _certificate(text: str) -> str:
    """The base 64 between the lines of PEM."""
    inside = "".join(
        line for line in checked_text("certificate", text, CERTIFICATE_LIMIT).split("\n") if "-----" not in line
    )
    body = "".join(inside.split())
    if not body:
        raise NameMissing("certificate")
    try:
        load_pem_x509_certificate(f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n".encode())
    except ValueError:
        raise CertificateUnreadable from None
    return body


def _check_rows(actor: Actor, facts: ProviderFacts, provider_id: int | None) -> None:
    others = IdentityProvider.objects.filter(institution_id=actor.institution_id).exclude(pk=provider_id or 0)
    if others.filter(label=facts.label).exists():
        raise NameTaken("label", facts.label)
    known = roles_of(actor.institution_id)
    for given in facts.roles:
        if given.role not in known:
            raise ChoiceUnknown("roles")
        if given.library_id is not None:
            library = apps.get_model("institutions", "Library")
            checked_row("roles", library, actor.institution_id, pk=given.library_id)


def _write_roles(row: IdentityProvider, roles: Iterable[Given]) -> None:
    row.roles.all().delete()
    ProviderRole.objects.bulk_create(
        ProviderRole(institution_id=row.institution_id, provider=row, **asdict(each)) for each in roles
    )


def _record(
    actor: Actor,
    at: datetime,
    row_id: int,
    before: ProviderFacts | None,
    after: ProviderFacts | None,
    *,
    is_secret_changed: bool = False,
) -> None:
    data: dict[str, Any] = {
        "row": row_id,
        "before": asdict(before) if before else None,
        "after": asdict(after) if after else None,
    }
    if is_secret_changed:
        data["fields"] = ["client_secret"]
    record("identity_provider.changed", actor=actor, at=at, data=data)
