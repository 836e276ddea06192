"""The bodies of webhooks: what an event says, in ids, codes and amounts, without a word about a person."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from amerce.charges.models import Fee
from amerce.events.models import Event
from amerce.institutions.models import Institution
from amerce.ledger.models import Transfer
from amerce.money.amount import Currency
from amerce.money.format import format_plain
from amerce.webhooks.kinds import BY_TRANSFER, Kind

Said = dict[str, Any]


@dataclass(frozen=True)
class Message:
    """What is told as ``kind``; ``said`` becomes the body together with the id of the delivery."""

    kind: str
    said: Said

    def body(self, uid: str) -> str:
        return json.dumps({"id": uid, **self.said}, ensure_ascii=False, separators=(",", ":"))


def of_money(event: Event, institution: Institution) -> list[Message]:
    """A message for each kind of what moved. Two queries at most."""
    lines = event.data["lines"]
    ids = {each["fee_id"] for each in lines}
    fees = {each.pk: each for each in Fee.objects.filter(institution=institution, pk__in=ids).select_related("type")}
    made = _made_by(event, institution, lines)
    by_kind: dict[Kind, list[Mapping[str, Any]]] = defaultdict(list)
    for line in lines:
        by_kind[_kind(line, made)].append(line)
    return [_money(kind, event, institution, found, fees) for kind, found in by_kind.items()]


def of_block(kind: str, event: Event, institution: Institution, block: Said) -> Message:
    return Message(kind, {**_head(kind, event.pk, event.at, institution, event.patron_id), "block": block})


def of_test(at: datetime, institution: Institution, kind: str) -> Message:
    return Message(kind, _head(kind, None, at, institution, None))


def amounts(name: str, minor: int, currency: Currency) -> Said:
    """An amount twice: whole minor units, and digits with a point."""
    return {f"{name}_minor": minor, name: format_plain(minor, currency)}


def _kind(line: Mapping[str, Any], made: set[int]) -> Kind:
    if line["kind"] == "CHARGE" and line["fee_id"] in made:
        return Kind.FEE_CREATED
    return BY_TRANSFER.get(line["kind"], Kind.FEE_CHANGED)


def _made_by(event: Event, institution: Institution, lines: Iterable[Mapping[str, Any]]) -> set[int]:
    """The fees whose first charge is this event's: those that were charged before only grew."""
    charged = {each["fee_id"] for each in lines if each["kind"] == "CHARGE"}
    if not charged:
        return set()
    charges = Transfer.objects.filter(institution=institution, fee__in=charged, kind="CHARGE")
    before = charges.filter(at__lt=event.at).values_list("fee_id", flat=True)
    return charged - set(before)


def _money(
    kind: Kind, event: Event, institution: Institution, lines: list[Mapping[str, Any]], fees: Mapping[int, Fee]
) -> Message:
    money = institution.currency
    total_minor = sum(each["amount_minor"] for each in lines)
    receipt = event.data.get("receipt")
    said = {
        **_head(kind, event.pk, event.at, institution, event.patron_id),
        "receipt": str(receipt) if receipt and kind == Kind.FEE_PAID else None,
        "currency": money.code,
        **amounts("amount", total_minor, money),
        "fees": [_fee(each, fees[each["fee_id"]], money) for each in lines],
    }
    return Message(kind, said)


def _fee(line: Mapping[str, Any], fee: Fee, money: Currency) -> Said:
    credit = line.get("credit_fee_id")
    return {
        "id": str(line["fee_id"]),
        "type": fee.type.code,
        "transaction": line["kind"],
        **amounts("amount", line["amount_minor"], money),
        **amounts("remaining", line["after_minor"], money),
        "status": line["status"],
        "credit": str(credit) if credit else None,
    }


def _head(kind: str, event_id: int | None, at: datetime, institution: Institution, patron_id: int | None) -> Said:
    return {
        "event": str(kind),
        "event_id": str(event_id) if event_id else None,
        "at": at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "institution": institution.code,
        "patron": {"id": str(patron_id)} if patron_id else None,
    }
