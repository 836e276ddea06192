"""Which patrons became blocked, or were let go, by what they owe: an event each, once.

Why kept who was told of: such a block is no row but follows from what is owed now, from a rule and from the day, so
nothing happens by itself when it comes or goes. It is looked for when money moves and somebody listens, and at night.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.circulation.blocks import ByDebt, OwesTooLong, OwesTooMuch, owing_too_much
from amerce.events.record import event_of, record_all
from amerce.institutions.models import Institution
from amerce.ledger.models import PatronAccount
from amerce.money.amount import Currency
from amerce.sql import insert
from amerce.webhooks.kinds import Kind
from amerce.webhooks.messages import Said, amounts
from amerce.webhooks.models import ToldBlock

SET, LIFTED = "balance_block.set", "balance_block.lifted"
KINDS = {SET: Kind.BLOCK_SET.value, LIFTED: Kind.BLOCK_LIFTED.value}
"""The events to what an endpoint is told as."""
SAYS = "balance_block"
"""Where their data say what the block is."""


@dataclass(frozen=True)
class Changes:
    """The patrons who became blocked, with why, and those who were let go."""

    blocked: dict[int, ByDebt]
    let_go: frozenset[int]

    @property
    def patron_ids(self) -> list[int]:
        return sorted(self.let_go.union(self.blocked))

    def among(self, patron_ids: Collection[int]) -> "Changes":
        blocked = {each: why for each, why in self.blocked.items() if each in patron_ids}
        return Changes(blocked, self.let_go.intersection(patron_ids))


def changes_of(institution: Institution, patron_ids: Sequence[int], at: datetime) -> Changes:
    """What is otherwise than it was told. Two queries."""
    now = owing_too_much(institution, patron_ids, at=at)
    told = ToldBlock.objects.filter(institution=institution, patron_id__in=patron_ids)
    known = frozenset(told.values_list("patron_id", flat=True))
    return Changes({each: why for each, why in now.items() if each not in known}, known - now.keys())


def tell(actor: Actor, institution: Institution, found: Changes, at: datetime) -> Changes:
    """Write an event for each change that still is one, and that it was told; answers those. In a transaction.

    Accounts are locked before it is looked again: nothing is told of a debt that was paid a moment ago, and nobody else
    tells it too. Raises ``NotAllowed``.
    """
    require(actor, Privilege.PATRON_VIEW)
    if not found.patron_ids:
        return found
    accounts = PatronAccount.objects.filter(institution=institution, patron_id__in=found.patron_ids)
    list(accounts.select_for_update(of=("self",)).order_by("patron_id").values_list("pk"))
    still = changes_of(institution, found.patron_ids, at)
    insert([ToldBlock(institution=institution, patron_id=each) for each in still.blocked], needs_ids=False)
    ToldBlock.objects.filter(institution=institution, patron_id__in=still.let_go).delete()
    said = {each: _data(still.blocked.get(each)) for each in still.patron_ids}
    record_all(
        [
            event_of(SET if data["forbids"] else LIFTED, actor=actor, at=at, patron_id=each, data={SAYS: data})
            for each, data in said.items()
        ]
    )
    return still


def in_a_message(data: Said, currency: Currency) -> Said:
    """What an endpoint is told of the block that an event's data say."""
    said: Said = {"kind": "balance", "forbids": data["forbids"]}
    if not data["forbids"]:
        return said
    limit_minor = data["limit_minor"]
    no_limit = {"limit_minor": None, "limit": None}
    return said | {
        "currency": currency.code,
        **amounts("balance", data["balance_minor"], currency),
        **(no_limit if limit_minor is None else amounts("limit", limit_minor, currency)),
        "age_days": data["age_days"],
        "since": data["since"],
    }


def _data(why: ByDebt | None) -> dict[str, Any]:
    """Of each limit what it is, or None where it is not the one that blocks."""
    if why is None:
        return {"forbids": []}
    limit = next((each for each in why.blocks if isinstance(each, OwesTooMuch)), None)
    age = next((each for each in why.blocks if isinstance(each, OwesTooLong)), None)
    return {
        "forbids": sorted(each.value for each in why.forbids),
        "balance_minor": why.balance_minor,
        "limit_minor": limit.limit_minor if limit else None,
        "age_days": age.days if age else None,
        "since": age.since.isoformat() if age else None,
    }
