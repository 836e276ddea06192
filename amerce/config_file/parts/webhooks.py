"""Which other servers are told at once. Secrets can be set and are never written."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from amerce.config_file.part import Act, TablePart, Values
from amerce.config_file.scalars import Choice, Flag, Text
from amerce.config_file.shapes import Field, ListOf, Maybe, Row, Table
from amerce.inputs.checks import NAME_LIMIT
from amerce.institutions.models import Institution
from amerce.outbound.addresses import ADDRESS_LIMIT
from amerce.webhooks.endpoints import EndpointFacts, remove_endpoint, save_endpoint
from amerce.webhooks.kinds import Kind
from amerce.webhooks.models import WebhookEndpoint
from amerce.webhooks.secrets import LONGEST


class Webhooks(TablePart):
    name = "webhooks"
    about = (
        "Which other servers are told at once of fees, payments and blocks. "
        "A secret can be set here, and is never written; a new endpoint without one gets one that its page renews."
    )
    shape = Table(
        ("name",),
        Row(
            {
                "name": Field(Text(NAME_LIMIT), "Its name."),
                "url": Field(Text(ADDRESS_LIMIT), "Where messages are sent, beginning with https://."),
                "events": Field(ListOf(Choice(Kind.values)), "What it is told of."),
                "enabled": Field(Flag(), "Whether anything is sent.", True),
                "secret": Field(Maybe(Text(LONGEST)), "A new one; null for the one there is.", None),
            }
        ),
    )

    def stands(self, institution: Institution, at: datetime) -> list[Values]:
        rows = WebhookEndpoint.objects.filter(institution=institution).order_by("name")
        return [
            {
                "name": row.name,
                "url": row.url,
                "events": [each for each in Kind.values if each in row.events],
                "enabled": row.is_enabled,
                "secret": None,
            }
            for row in rows
        ]

    def save(self, act: Act, row: Values, before: Values | None) -> None:
        facts = EndpointFacts(name=row["name"], url=row["url"], events=tuple(row["events"]), is_enabled=row["enabled"])
        endpoint_id = _endpoint_id(act, row) if before else None
        save_endpoint(actor=act.actor, at=act.at, facts=facts, endpoint_id=endpoint_id, secret=row["secret"] or "")

    def secrets_to_enter(self, institution: Institution, changed: Sequence[tuple[Values | None, Values]]) -> list[str]:
        sentence = _(
            "Nobody has seen the secret of the webhook %(name)s. Renew it at Configuration > Webhooks > %(name)s, "
            "and enter it at the server that is told."
        )
        made = [after["name"] for before, after in changed if before is None and not after["secret"]]
        return [sentence % {"name": each} for each in made]

    def remove(self, act: Act, row: Values) -> None:
        remove_endpoint(actor=act.actor, at=act.at, endpoint_id=_endpoint_id(act, row))


def _endpoint_id(act: Act, row: Values) -> int:
    return WebhookEndpoint.objects.get(institution=act.institution, name=row["name"]).pk
