"""What the codes of the dialect are called."""

from amerce.institutions.models import CodeEntry

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
    tables = (CodeEntry.Table.PAYMENT_METHOD, CodeEntry.Table.WAIVE_REASON)
    rows = CodeEntry.objects.filter(institution_id=institution_id, table__in=tables)
    return {(table, code): label for table, code, label in rows.values_list("table", "code", "label")}
