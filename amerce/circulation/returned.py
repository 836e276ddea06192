"""What somebody took back in a session at the desk, with what it cost and who waits for it (row A12).

Why from the events: a back-dated return happened now though it says last week, and the event knows what it charged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.charged import charges_of_loans
from amerce.circulation.models import Loan, Request
from amerce.circulation.reckoning import OVERDUE_TYPES
from amerce.events.queries import of_actor
from amerce.ledger.chart import Kind

RETURNS_LIMIT = 100
"""How many the list of a session shows, the newest."""


@dataclass(frozen=True)
class Returned:
    """``fine_minor`` is what the lateness of the loan stands charged at, by the nightly job and the return together.

    ``charged_minor`` is what its return alone added to what is owed, below zero when it gave something back.
    ``waiting`` is the oldest open request for the item. ``loan`` comes with item, and patron unless anonymised.
    """

    loan: Loan
    fine_minor: int
    charged_minor: int
    waiting: Request | None


def returned_since(actor: Actor, since: datetime) -> list[Returned]:
    """What ``actor`` took back from ``since`` on, newest first, at most ``RETURNS_LIMIT``. Four queries."""
    require(actor, Privilege.LOAN_RETURN)
    if actor.account_id is None:
        return []
    events = list(of_actor(actor.institution_id, actor.account_id, "loan.returned", since)[:RETURNS_LIMIT])
    loans = Loan.objects.filter(institution_id=actor.institution_id, returned_at__isnull=False).select_related(
        "item", "library", "patron"
    )
    found = loans.in_bulk([each.data["loan"] for each in events])
    waiting = waiting_for(actor, [each.item_id for each in found.values()])
    charges = charges_of_loans(actor.institution_id, list(found), OVERDUE_TYPES)
    return [
        Returned(
            loan=loan,
            fine_minor=sum(charges[loan.pk, each].minor for each in OVERDUE_TYPES),
            charged_minor=_charged_minor(each.data.get("lines", ())),
            waiting=waiting.get(loan.item_id),
        )
        for each in events
        if (loan := found.get(each.data["loan"]))
    ]


def waiting_for(actor: Actor, item_ids: list[int]) -> dict[int, Request]:
    """Item id to the request that is served next, with patron and pickup library. One query."""
    requests = Request.objects.filter(institution_id=actor.institution_id, item__in=item_ids, closed_at=None)
    newest_first = requests.select_related("patron", "pickup").order_by("-placed_at", "-pk")
    return {each.item_id: each for each in newest_first}


def _charged_minor(lines: Sequence[Mapping[str, Any]]) -> int:
    signs = {Kind.CHARGE: 1, Kind.REDUCTION: -1}
    return sum(signs.get(each["kind"], 0) * each["amount_minor"] for each in lines)
