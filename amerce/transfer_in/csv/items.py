"""A batch of item rows."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from amerce.circulation.models import Item
from amerce.transfer_in.csv.context import Context
from amerce.transfer_in.csv.parse import ItemRow, item_row
from amerce.transfer_in.csv.read import Row
from amerce.transfer_in.csv.seen import Seen
from amerce.transfer_in.outcome import FileCounts

ITEM = "item"
_BARCODE = "barcode"


def load_items(rows: Sequence[Row], context: Context, counts: FileCounts) -> None:
    """Make the items that are not there. Raises ``BadRow``."""
    target = context.target
    items = [item_row(each, context.mapping, target) for each in rows]
    for item in items:
        _refuse_twice(item, context.seen)
    here = Item.objects.filter(institution_id=target.institution_id)
    by_source = {each.source_id: each for each in here.filter(source_id__in=[each.source_id for each in items])}
    barcodes_here = set(here.filter(barcode__in=[each.barcode for each in items]).values_list("barcode", flat=True))
    new = []
    for item in items:
        existing = by_source.get(item.source_id)
        if existing is None:
            if item.barcode in barcodes_here:
                raise item.row.bad("barcode", _("%(barcode)s is another item's here") % {"barcode": item.barcode})
            new.append(item)
        elif all(getattr(existing, column) == value for column, value in item.columns.items()):
            counts.unchanged += 1
        else:
            counts.differing += 1
    counts.made += len(new)
    if target.writes:
        Item.objects.bulk_create(
            Item(
                institution_id=target.institution_id,
                library_id=target.library_id,
                source_id=each.source_id,
                **each.columns,
            )
            for each in new
        )


def _refuse_twice(item: ItemRow, seen: Seen) -> None:
    line = item.row.line
    for field, kind, key in (("source_id", ITEM, item.source_id), ("barcode", _BARCODE, item.barcode)):
        if before := seen.add(kind, key, line, detail=item.barcode):
            raise item.row.bad(field, _("%(key)s is on line %(line)s already") % {"key": key, "line": before.line})
