"""A batch of loan rows."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from amerce.circulation.models import Item, Loan
from amerce.patrons.models import Patron
from amerce.transfer_in.csv.context import Context
from amerce.transfer_in.csv.items import ITEM
from amerce.transfer_in.csv.parse import LoanRow, loan_row
from amerce.transfer_in.csv.patrons import PATRON
from amerce.transfer_in.csv.read import Row
from amerce.transfer_in.csv.seen import Seen
from amerce.transfer_in.csv.target import Target
from amerce.transfer_in.outcome import FileCounts

_LOAN, _OUT = "loan", "out"


def load_loans(rows: Sequence[Row], context: Context, counts: FileCounts) -> None:
    """Make the loans that are not there; the items and patrons must be here or in the files. Raises ``BadRow``."""
    target = context.target
    loans = [loan_row(each, context.mapping) for each in rows]
    items = Item.objects.filter(institution_id=target.institution_id, source_id__in=[each.item for each in loans])
    patrons = Patron.objects.filter(
        institution_id=target.institution_id, primary_folded__in=[each.patron_folded for each in loans]
    )
    batch = _Batch(
        target,
        context.seen,
        {source_id: (pk, barcode) for source_id, pk, barcode in items.values_list("source_id", "pk", "barcode")},
        dict(patrons.values_list("primary_folded", "pk")),
    )
    batch.look_up(loans)
    new = []
    for loan in loans:
        batch.check(loan)
        existing = batch.existing(loan)
        if existing is None:
            new.append(loan)
        elif existing.due_at == target.end_of(loan.due_on) and existing.returned_at == _returned_at(loan, target):
            counts.unchanged += 1
        else:
            counts.differing += 1
    counts.made += len(new)
    if target.writes:
        Loan.objects.bulk_create(
            Loan(
                institution_id=target.institution_id,
                library_id=target.library_id,
                item_id=batch.items[each.item][0],
                patron_id=batch.patrons[each.patron_folded],
                loaned_at=target.begin_of(each.loaned_on),
                due_at=target.end_of(each.due_on),
                returned_at=_returned_at(each, target),
            )
            for each in new
        )


class _Batch:
    """What is here already of the items, patrons and loans that a batch names."""

    def __init__(self, target: Target, seen: Seen, items: dict[str, tuple[int, str]], patrons: dict[str, int]) -> None:
        self.target, self.seen, self.items, self.patrons = target, seen, items, patrons
        self._known: dict[tuple[int, int, datetime], Loan] = {}
        self._out: set[int] = set()

    def look_up(self, loans: Sequence[LoanRow]) -> None:
        moments = {self.target.begin_of(each.loaned_on) for each in loans}
        wanted = Loan.objects.filter(
            Q(returned_at=None, closed_at=None) | Q(loaned_at__in=moments),
            institution_id=self.target.institution_id,
            item__in=[pk for pk, _barcode in self.items.values()],
        )
        for each in wanted:
            if each.patron_id is not None:
                self._known[each.item_id, each.patron_id, each.loaned_at] = each
            if each.is_out:
                self._out.add(each.item_id)

    def existing(self, loan: LoanRow) -> Loan | None:
        item, patron_id = self.items.get(loan.item), self.patrons.get(loan.patron_folded)
        if item is None or patron_id is None:
            return None
        return self._known.get((item[0], patron_id, self.target.begin_of(loan.loaned_on)))

    def check(self, loan: LoanRow) -> None:
        """Raise ``BadRow`` for a loan of nothing, to nobody, under a wrong barcode, or of what is out already."""
        barcode = self._barcode(loan)
        if loan.barcode and loan.barcode != barcode:
            words = {"barcode": loan.barcode, "item": loan.item, "other": barcode}
            raise loan.row.bad("barcode", _("%(barcode)s is not the barcode of item %(item)s, %(other)s") % words)
        if loan.patron_folded not in self.patrons and not self.seen.find(PATRON, loan.patron_folded):
            value = loan.row.values["patron"]
            raise loan.row.bad("patron", _("there is no patron %(patron)s") % {"patron": value})
        self._refuse_twice(loan)
        item = self.items.get(loan.item)
        if item and not loan.returned_on and item[0] in self._out and self.existing(loan) is None:
            raise loan.row.bad("item", _("item %(item)s is out on another loan here") % {"item": loan.item})

    def _barcode(self, loan: LoanRow) -> str:
        mentioned = self.seen.find(ITEM, loan.item)
        if mentioned:
            return mentioned.detail
        if loan.item not in self.items:
            raise loan.row.bad("item", _("there is no item %(item)s") % {"item": loan.item})
        return self.items[loan.item][1]

    def _refuse_twice(self, loan: LoanRow) -> None:
        line = loan.row.line
        if before := self.seen.add(_LOAN, f"{loan.item} {loan.patron_folded} {loan.loaned_on}", line):
            raise loan.row.bad("item", _("the same loan is on line %(line)s already") % {"line": before.line})
        if loan.returned_on:
            return
        if before := self.seen.add(_OUT, loan.item, line):
            words = {"item": loan.item, "line": before.line}
            raise loan.row.bad("item", _("item %(item)s is out on line %(line)s already") % words)


def _returned_at(loan: LoanRow, target: Target) -> datetime | None:
    return target.begin_of(loan.returned_on) if loan.returned_on else None
