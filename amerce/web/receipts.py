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
from amerce.charges.statements import money_leaves, money_sign, standing_after, titles_before, uses_credit
from amerce.institutions.models import CodeEntry
from amerce.institutions.queries import code_labels
from amerce.patrons.models import Patron
from amerce.web.account_page import account_page
from amerce.web.patron_context import patron_context
from amerce.web.receipt_emails import can_email
from amerce.web.refusals import refusal
from amerce.web.request import StaffRequest

PAPERS = ("a4", "80")


@dataclass
class ReceiptLine:
    """What was paid of one fee, by money and by credits; below zero what was given back.

    ``title`` is what the fee was called then.
    ``transfers`` are the rows behind it, ``corrects`` the kind of what they take back.
    """

    fee: Fee
    title: str
    kind: str
    corrects: str
    transfers: list[Any]
    amount_minor: int
    vat_minor: int
    remaining_minor: int

    @property
    def corrected(self) -> bool:
        return any(getattr(each, "corrected_by", None) for each in self.transfers)


@dataclass(frozen=True)
class Receipt:
    """Minor units, below zero for what leaves the library. ``money`` has the words and the sum of each method."""

    number: int
    at: datetime
    library: Any
    desk: Any
    who: str
    kind: str
    external_transaction_id: str
    lines: list[ReceiptLine]
    money: dict[str, int]
    credits_minor: int
    total_minor: int
    vat_minor: int
    balance_minor: int

    @property
    def is_outgoing(self) -> bool:
        return self.kind == "REFUND"

    @property
    def given_minor(self) -> int:
        """What a refund gave, in money or as credit."""
        return abs(self.total_minor or self.credits_minor)


@require_safe
@account_page
def receipt(request: StaffRequest, patron: Patron, number: int) -> HttpResponse:
    """The receipt on paper; ``?paper=80`` for the till's printer."""
    found = read_receipt(request, patron, number)
    if found is None:
        return refusal(request, _("This patron has no such receipt."), title=_("Not found"), status=404)
    paper = request.GET.get("paper")
    context = {
        "receipt": found,
        "lines": found.lines,
        "can_email": can_email(request, patron),
        "paper": paper if paper in PAPERS else PAPERS[0],
    }
    return render(request, "web/receipts.html", patron_context(request, patron) | context)


def read_receipt(request: StaffRequest, patron: Patron, number: int) -> Receipt | None:
    """The receipt of that number, if it is this patron's."""
    rows = receipt_lines(request.actor, number)
    if not rows or rows[0].account.patron_id != patron.pk:
        return None
    first = rows[0]
    titles = titles_before(request.actor, patron.pk, first.at)
    standing = standing_after(request.actor, patron.pk, rows[-1].seq, sorted({each.fee_id for each in rows}))
    labels = code_labels(request.actor.institution_id, CodeEntry.Table.PAYMENT_METHOD)
    money: dict[str, int] = {}
    for row in rows:
        if row.method:
            words = _money_words(row, labels.get(row.method, row.method))
            money[words] = money.get(words, 0) + _signed(row)
    credits_minor = sum(_signed(each) for each in rows if uses_credit(each))
    return Receipt(
        number=number,
        at=first.at,
        library=first.library,
        desk=first.desk,
        who=first.actor.name if first.actor else first.actor_name,
        kind=first.kind,
        external_transaction_id=first.external_transaction_id,
        lines=_lines(rows, titles, standing.remaining_minor),
        money=money,
        credits_minor=credits_minor,
        total_minor=sum(money.values()),
        vat_minor=sum(each.vat_minor * money_sign(each) for each in rows),
        balance_minor=standing.balance_minor,
    )


def _lines(rows: list[Any], titles: dict[int, str], remaining_minor: dict[int, int]) -> list[ReceiptLine]:
    lines: dict[tuple[int, str, str], ReceiptLine] = {}
    for row in rows:
        corrects = row.corrects.kind if row.corrects else ""
        line = lines.setdefault(
            (row.fee_id, row.kind, corrects),
            ReceiptLine(
                fee=row.fee,
                title=titles.get(row.fee_id, row.fee.title),
                kind=row.kind,
                corrects=corrects,
                transfers=[],
                amount_minor=0,
                vat_minor=0,
                remaining_minor=remaining_minor.get(row.fee_id, 0),
            ),
        )
        line.transfers.append(row)
        line.amount_minor += _signed(row)
        line.vat_minor += row.vat_minor * money_sign(row)
    return list(lines.values())


def _money_words(row: Any, method: str) -> str:
    if money_leaves(row):
        return _("Given back · %(method)s") % {"method": method}
    if row.corrects:
        return _("Taken back · %(method)s") % {"method": method}
    return method


def _signed(row: Any) -> int:
    return int(row.amount_minor) * money_sign(row)
