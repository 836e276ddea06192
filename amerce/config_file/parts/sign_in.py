"""Who needs a second factor, and who else vouches for people."""

from datetime import datetime

from amerce.access.models import IdentityProvider
from amerce.access.providers import (
    ADDRESS_LIMIT,
    CERTIFICATE_LIMIT,
    CLAIM_LIMIT,
    LABEL_LIMIT,
    Given,
    ProviderFacts,
    remove_provider,
    save_provider,
)
from amerce.access.sign_in_settings import SettingsSaid, save_sign_in_settings, sign_in_settings
from amerce.config_file.part import Act, SettingsPart, TablePart, Values, id_of
from amerce.config_file.parts.codes import library_codes, library_ids
from amerce.config_file.scalars import Choice, Flag, Text
from amerce.config_file.shapes import Field, ListOf, Maybe, Row, Table
from amerce.institutions.models import Institution

_GIVEN = Row(
    {
        "value": Field(Text(CLAIM_LIMIT), "Value of the role claim."),
        "role": Field(Text(60), "Code of the role it gives."),
        "library": Field(Maybe(Text(60)), "Code of the library where; null for everywhere.", None),
    }
)
_SAME = {
    "protocol": Field(Choice(IdentityProvider.Protocol.values), "What it speaks."),
    "server": Field(Text(ADDRESS_LIMIT), "Issuer of OpenID Connect, or entity id of SAML."),
    "client_id": Field(Text(CLAIM_LIMIT), "For OpenID Connect.", ""),
    "sign_in_url": Field(Text(ADDRESS_LIMIT), "For SAML.", ""),
    "certificate": Field(Text(CERTIFICATE_LIMIT), "For SAML.", ""),
    "username_claim": Field(Text(CLAIM_LIMIT), "The claim that holds the user name.", "preferred_username"),
    "role_claim": Field(Text(CLAIM_LIMIT), "The claim whose values give roles; empty for none.", ""),
    "makes_accounts": Field(Flag(), "Whether somebody new gets an account.", False),
}


class SignIn(SettingsPart):
    name = "sign_in"
    about = "Who has to show a second factor."
    shape = Row({"second_factor_roles": Field(ListOf(Text(60)), "Codes of the roles, in the order of the alphabet.")})

    def stands(self, institution: Institution, at: datetime) -> Values:
        return {"second_factor_roles": list(sign_in_settings(institution.pk).second_factor_roles)}

    def save(self, act: Act, values: Values) -> None:
        said = SettingsSaid(tuple(values["second_factor_roles"]))
        save_sign_in_settings(actor=act.actor, at=act.at, settings=said)


class IdentityProviders(TablePart):
    name = "identity_providers"
    about = (
        "Who else vouches for people: OpenID Connect and SAML. A client secret can be set here, and is never written."
    )
    shape = Table(
        ("label",),
        Row(
            {
                "label": Field(Text(LABEL_LIMIT), "Its name on the form for signing in."),
                "active": Field(Flag(), "Whether it is offered there.", True),
                **_SAME,
                "client_secret": Field(Maybe(Text(ADDRESS_LIMIT)), "A new one; null for the one there is.", None),
                "roles": Field(ListOf(_GIVEN), "What values of the role claim give.", []),
            }
        ),
    )

    def stands(self, institution: Institution, at: datetime) -> list[Values]:
        rows = IdentityProvider.objects.filter(institution=institution).prefetch_related("roles").order_by("label")
        libraries = library_codes(institution.pk)
        return [_values(ProviderFacts.of(row), libraries) for row in rows]

    def save(self, act: Act, row: Values, before: Values | None) -> None:
        libraries = library_ids(act.institution.pk)
        facts = ProviderFacts(
            label=row["label"],
            is_active=row["active"],
            **{name: row[name] for name in _SAME},
            roles=tuple(
                Given(each["value"], each["role"], id_of("library", libraries, each["library"]))
                for each in row["roles"]
            ),
        )
        save_provider(
            actor=act.actor,
            at=act.at,
            facts=facts,
            client_secret=row["client_secret"] or "",
            provider_id=_provider_id(act, row) if before else None,
        )

    def remove(self, act: Act, row: Values) -> None:
        remove_provider(actor=act.actor, at=act.at, provider_id=_provider_id(act, row))


def _values(facts: ProviderFacts, libraries: dict[int, str]) -> Values:
    given = [
        {
            "value": each.value,
            "role": each.role,
            "library": None if each.library_id is None else libraries[each.library_id],
        }
        for each in facts.roles
    ]
    same = {name: getattr(facts, name) for name in _SAME}
    return {"label": facts.label, "active": facts.is_active, **same, "client_secret": None, "roles": given}


def _provider_id(act: Act, row: Values) -> int:
    return IdentityProvider.objects.get(institution=act.institution, label=row["label"]).pk
