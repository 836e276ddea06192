"""What letters say of fees and their transactions, as JSON: templates and Alma's XML are made from the same.

Amounts are in minor units (``_minor``) and moments in ISO 8601 (``_at``); the filters of a template dress them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from amerce.charges.models import Fee
from amerce.institutions.models import CodeEntry
from amerce.institutions.queries import code_labels
from amerce.ledger.models import Transfer

FEES_LIMIT = 500
"""A letter names no more fees; its total is of all."""


def fee_facts(
    fees: Iterable[Fee], transactions: Mapping[int, list[dict[str, Any]]] | None = None
) -> list[dict[str, Any]]:
    """Each of ``fees``, which come with ``FEE_RELATED``, and of ``transactions`` (by fee id) those that are its."""
    return [_fee(each, (transactions or {}).get(each.pk, [])) for each in list(fees)[:FEES_LIMIT]]


FEE_RELATED = ("type", "owner", "note", "item")
"""For ``select_related``."""


def transaction_facts(institution_id: int, transfers: Sequence[Transfer]) -> dict[int, list[dict[str, Any]]]:
    """Fee id to its part of ``transfers``, which come as ``charges.queries.receipt`` gives them. Two queries."""
    methods = code_labels(institution_id, CodeEntry.Table.PAYMENT_METHOD)
    reasons = code_labels(institution_id, CodeEntry.Table.WAIVE_REASON)
    by_fee: dict[int, list[dict[str, Any]]] = {}
    for each in transfers:
        by_fee.setdefault(each.fee_id, []).append(
            {
                "id": str(each.pk),
                "type": each.kind,
                "by": each.actor_name,
                "library": each.library.code if each.library else "",
                "amount_minor": each.amount_minor,
                "vat_minor": each.vat_minor,
                "at": each.at.isoformat(),
                "method": each.method,
                "method_label": methods.get(each.method, each.method),
                "reason": reasons.get(each.reason, each.reason),
                "comment": each.note.text if each.note else "",
                "reference": each.external_transaction_id,
            }
        )
    return by_fee


def _fee(fee: Fee, transactions: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": str(fee.pk),
        "type": fee.type.code,
        "type_label": fee.type.label,
        "status": fee.status,
        "status_at": fee.status_at.isoformat(),
        "created_at": fee.created_at.isoformat(),
        "original_minor": fee.original_minor,
        "remaining_minor": fee.remaining_minor,
        "vat_rate_bp": fee.vat_rate_bp,
        "owner": fee.owner.name if fee.owner else "",
        "owner_code": fee.owner.code if fee.owner else "",
        "title": fee.title,
        "barcode": fee.barcode,
        "call_number": fee.item.call_number if fee.item else "",
        "item_id": str(fee.item_id or ""),
        "loan_id": str(fee.loan_id or ""),
        "comment": fee.note.text if fee.note else "",
        "bursar_transaction_id": fee.bursar_transaction_id,
        "transactions": transactions,
    }


def moment(at: datetime | None) -> str:
    """As ``facts`` have a moment; empty for none."""
    return at.isoformat() if at else ""
