"""What the file of a run says, read from the run's transfers in the order of its lines by a cursor of the database.

Why from the transfers: the file and the ledger cannot disagree when one is made from the other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from amerce.bursar.models import BursarLine, BursarRun
from amerce.ledger.chart import CREDIT
from amerce.ledger.models import Transfer
from amerce.patrons.models import PatronIdentifier

CHUNK = 2000
_COLUMNS = (
    "patron_id", "patron__primary_id", "patron__last_name", "patron__first_name",
    "fee_id", "fee__type__code", "fee__note__text", "fee__owner_id", "fee__owner__code",
    "fee__title", "fee__barcode", "fee__item__call_number", "fee__item__library__name", "fee__item__location_code",
    "fee__loan__due_at", "fee__due_at", "fee__bursar_transaction_id",
    "transfer__amount_minor", "transfer__vat_minor", "transfer__debit", "last_at",
)  # fmt: skip


@dataclass(frozen=True)
class FileRow:
    """One ``userFineFee`` with its patron. Amounts in minor units, negative of a CREDIT.

    Not ``is_named`` is a patron who lost the identifier of the profile's type since: then it is their primary id.
    """

    patron_id: int
    identifier: str
    patron_name: str
    comment: str
    fee_type: str
    library_id: int | None
    library_code: str
    last_at: datetime
    title: str
    call_number: str
    item_library: str
    location: str
    due_at: datetime | None
    barcode: str
    amount_minor: int
    vat_minor: int
    transaction_id: str
    is_named: bool = True


def file_rows(run: BursarRun) -> Iterator[FileRow]:
    """The exported fees of the run by patron, as they stand in its lines."""
    before = Transfer.objects.filter(fee=OuterRef("fee_id"), pk__lt=OuterRef("transfer_id")).order_by("-pk")
    lines = BursarLine.objects.filter(run=run, state=BursarLine.State.POSTED).annotate(
        last_at=Coalesce(Subquery(before.values("at")[:1]), F("fee__created_at"))
    )
    columns = _COLUMNS
    identifier_type = run.profile.identifier_type
    if identifier_type:
        named = PatronIdentifier.objects.filter(patron=OuterRef("patron_id"), type=identifier_type).order_by("pk")
        lines = lines.annotate(identifier=Subquery(named.values("value")[:1]))
    else:
        lines = lines.annotate(identifier=F("patron__primary_id"))
    rows = lines.order_by("pk").values_list(*columns, "identifier")
    for row in rows.iterator(chunk_size=CHUNK):
        yield _row(row)


def _row(row: tuple[Any, ...]) -> FileRow:
    (
        patron_id, primary_id, last_name, first_name, fee_id, fee_type, comment, owner_id, owner_code,
        title, barcode, call_number, item_library, location, loan_due_at, due_at, transaction_id,
        amount_minor, vat_minor, debit, last_at, identifier,
    ) = row  # fmt: skip
    return FileRow(
        patron_id=patron_id,
        identifier=identifier or primary_id,
        patron_name=", ".join(part for part in (last_name, first_name) if part) or primary_id,
        comment=comment or "",
        fee_type=fee_type,
        library_id=owner_id,
        library_code=owner_code or "",
        last_at=last_at,
        title=title,
        call_number=call_number or "",
        item_library=item_library or "",
        location=location or "",
        due_at=loan_due_at or due_at,
        barcode=barcode,
        amount_minor=-amount_minor if debit == CREDIT else amount_minor,
        vat_minor=vat_minor,
        transaction_id=transaction_id or str(fee_id),
        is_named=bool(identifier),
    )
