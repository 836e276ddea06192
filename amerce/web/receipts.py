"""A receipt: what was paid or given back under one number, on the screen and for the printer (row A7).

Why read from the ledger each time: a receipt printed again says the same, and marks what was corrected since.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amerce.charges.models import Fee
from amerce.charges.queries import receipt as receipt_lines
from amerce.charges.statements import standing_after
from amerce.institutions.models import CodeEntry
from amerce.institutions.queries import code_labels
from amerce.patrons.models import Patron
from amerce.web.account_page import account_page
from amerce.web.patron_context import patron_context
from amerce.web.refusals import refusal
from amerce.web.request import StaffRequest

PAPERS = ("a4", "80")
_OUTGOING = frozenset({"REFUND"})


@dataclass
class ReceiptLine:
    """What was paid of one fee, by money and by credits. ``transfers`` are the rows behind it."""

    fee: Fee
    kind: str
    transfers: list[Any]
    amount_minor: int
    vat_minor: int
    remaining_minor: int

    @property
    def corrected(self) -> bool:
        return any(getattr(each, "corrected_by", None) for each in self.transfers)


@dataclass(frozen=True)
class Receipt:
    """Minor units. ``money`` is what was taken, or for a refund given, by the label of each method."""

    number: int
    at: datetime
    library: Any
    desk: Any
    actor_name: str
    kind: str
    lines: list[ReceiptLine]
    money: dict[str, int]
    credits_minor: int
    total_minor: int
    vat_minor: int
    balance_minor: int

    @property
    def is_outgoing(self) -> bool:
        return self.kind in _OUTGOING


@require_safe
@account_page
def receipt(request: StaffRequest, patron: Patron, number: int) -> HttpResponse:
    """The receipt on paper; ``?paper=80`` for the till's printer."""
    found = read_receipt(request, patron, number)
    if found is None:
        return refusal(request, _("This patron has no such receipt."), title=_("Not found"), status=404)
    paper = request.GET.get("paper")
    context = {"receipt": found, "paper": paper if paper in PAPERS else PAPERS[0]}
    return render(request, "web/receipts.html", patron_context(request, patron) | context)


def read_receipt(request: StaffRequest, patron: Patron, number: int) -> Receipt | None:
    """The receipt of that number, if it is this patron's."""
    rows = receipt_lines(request.actor, number)
    if not rows or rows[0].account.patron_id != patron.pk:
        return None
    first = rows[0]
    standing = standing_after(request.actor, patron.pk, rows[-1].seq, sorted({each.fee_id for each in rows}))
    labels = code_labels(request.actor.institution_id, CodeEntry.Table.PAYMENT_METHOD)
    money: dict[str, int] = {}
    for row in rows:
        if row.method:
            label = labels.get(row.method, row.method)
            money[label] = money.get(label, 0) + row.amount_minor
    credits_minor = sum(each.amount_minor for each in rows if not each.method)
    return Receipt(
        number=number,
        at=first.at,
        library=first.library,
        desk=first.desk,
        actor_name=first.actor_name,
        kind=first.kind,
        lines=_lines(rows, standing.remaining_minor),
        money=money,
        credits_minor=credits_minor,
        total_minor=sum(money.values()),
        vat_minor=sum(each.vat_minor for each in rows),
        balance_minor=standing.balance_minor,
    )


def _lines(rows: list[Any], remaining_minor: dict[int, int]) -> list[ReceiptLine]:
    lines: dict[tuple[int, str], ReceiptLine] = {}
    for row in rows:
        line = lines.setdefault(
            (row.fee_id, row.kind), ReceiptLine(row.fee, row.kind, [], 0, 0, remaining_minor.get(row.fee_id, 0))
        )
        line.transfers.append(row)
        line.amount_minor += row.amount_minor
        line.vat_minor += row.vat_minor
    return list(lines.values())
