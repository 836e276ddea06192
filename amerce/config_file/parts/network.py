"""Whether the institution takes part in a fulfilment network, and whom it asks. Keys can be set and are not written."""

from dataclasses import asdict
from datetime import datetime

from amerce.config_file.part import Act, SettingsPart, TablePart, Values
from amerce.config_file.scalars import Choice, Flag, Number, Text
from amerce.config_file.shapes import Field, Maybe, Row, Table
from amerce.inputs.checks import NAME_LIMIT
from amerce.institutions.models import Institution
from amerce.network.members import KEY_LIMIT, TIMEOUTS_S, MemberFacts, remove_member, save_member
from amerce.network.models import NetworkMember
from amerce.network.settings import NetworkSaid, network_settings, save_network_settings
from amerce.outbound.addresses import ADDRESS_LIMIT


class Network(SettingsPart):
    name = "network"
    about = "Whether the institution takes part in a fulfillment network."
    shape = Row(
        {
            "asks": Field(Flag(), "Whether members are asked what a patron owes there.", False),
            "shares": Field(Flag(), "Whether members of this installation see what patrons owe here.", False),
        }
    )

    def stands(self, institution: Institution, at: datetime) -> Values:
        return asdict(network_settings(institution.pk))

    def save(self, act: Act, values: Values) -> None:
        save_network_settings(actor=act.actor, at=act.at, settings=NetworkSaid(**values))


class NetworkMembers(TablePart):
    name = "network_members"
    about = "The members of the fulfillment network that are asked. An API key can be set here, and is never written."
    shape = Table(
        ("name",),
        Row(
            {
                "name": Field(Text(NAME_LIMIT), "What staff see it by."),
                "kind": Field(
                    Choice(NetworkMember.Kind.values), "local: an institution of this installation; remote: a server."
                ),
                "institution": Field(Text(60), "Code of the institution, if local.", ""),
                "base_url": Field(Text(ADDRESS_LIMIT), "Address of the server without /almaws/v1, if remote.", ""),
                "identifier_type": Field(Text(60), "By which patrons are known there; empty: the primary one.", ""),
                "timeout_s": Field(Number(*TIMEOUTS_S), "Seconds to wait for it.", 5),
                "active": Field(Flag(), "Whether it is asked.", True),
                "api_key": Field(Maybe(Text(KEY_LIMIT)), "A new one; null for the one there is.", None),
            }
        ),
    )

    def stands(self, institution: Institution, at: datetime) -> list[Values]:
        rows = NetworkMember.objects.filter(institution=institution).select_related("other").order_by("name")
        return [_values(MemberFacts.of(row)) for row in rows]

    def save(self, act: Act, row: Values, before: Values | None) -> None:
        facts = MemberFacts(
            name=row["name"],
            kind=row["kind"],
            institution_code=row["institution"],
            base_url=row["base_url"],
            identifier_type=row["identifier_type"],
            timeout_s=row["timeout_s"],
            is_active=row["active"],
        )
        member_id = _member_id(act, row) if before else None
        save_member(actor=act.actor, at=act.at, facts=facts, api_key=row["api_key"] or "", member_id=member_id)

    def remove(self, act: Act, row: Values) -> None:
        remove_member(actor=act.actor, at=act.at, member_id=_member_id(act, row))


def _values(facts: MemberFacts) -> Values:
    said = asdict(facts)
    said["institution"], said["active"] = said.pop("institution_code"), said.pop("is_active")
    return {**said, "api_key": None}


def _member_id(act: Act, row: Values) -> int:
    return NetworkMember.objects.get(institution=act.institution, name=row["name"]).pk
