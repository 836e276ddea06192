"""What the codes of the dialect are called."""

from typing import Any

from django.db.models import Q

from amerce.institutions.models import CodeEntry
from amerce.sql import Select

TRANSACTION_TYPES = {
    "PAYMENT": "Payment",
    "WAIVE": "Waive",
    "DISPUTE": "Dispute",
    "RESTORE": "Restore",
    "CREDIT": "Credit",
    "REFUND": "Refund",
    "CORRECTION": "Correction",
    "EXPORT": "Export",
    "EXPORTED_AND_PAID": "Exported and paid",
    "PAYMENT_RECEIVED": "Payment received",
}
FEE_STATUSES = {"ACTIVE": "Active", "INDISPUTE": "In Dispute", "EXPORTED": "Transferred", "CLOSED": "Closed"}


def money_labels(institution_id: int) -> dict[tuple[str, str], str]:
    """Labels of payment methods and reasons for waiving by table and code, also of those out of use. One query."""
    rows = _MONEY.rows(institution_id, CodeEntry.Table.PAYMENT_METHOD.value, CodeEntry.Table.WAIVE_REASON.value)
    return {(table, code): label for table, code, label in rows}


_MONEY: Select[Any] = Select(
    lambda institution_id, methods, reasons: CodeEntry.objects.filter(
        Q(table=methods) | Q(table=reasons), institution_id=institution_id
    ).values_list("table", "code", "label")
)
