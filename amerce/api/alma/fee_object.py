"""A fee as the dialect has it, with its transactions.

Why charges are not among them: the dialect's transactions are what was done to a fee, and that it was made is said by
its amount and its time.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from amerce.api.alma.labels import FEE_STATUSES, TRANSACTION_TYPES, money_labels
from amerce.api.call import Call
from amerce.api.tree import amount
from amerce.charges.models import Fee
from amerce.charges.queries import transactions_of
from amerce.institutions.models import CodeEntry
from amerce.money.vat import vat_in, vat_of_part
from amerce.patrons.models import Patron

USERS = "/almaws/v1/users/"
_METHOD, _REASON = CodeEntry.Table.PAYMENT_METHOD.value, CodeEntry.Table.WAIVE_REASON.value
_SHOWN_AS = {"REDUCTION": "CORRECTION"}
_MOVES_NOTHING = frozenset({"DISPUTE", "RESTORE"})


def fee_objects(call: Call, patron: Patron, fees: list[Fee]) -> list[dict[str, Any]]:
    """Two queries for all of them."""
    transfers = transactions_of(call.actor, [each.pk for each in fees])
    labels = money_labels(call.institution.pk) if any(transfers.values()) else {}
    return [fee_object(call, patron, each, transfers[each.pk], labels) for each in fees]


def fee_object(
    call: Call, patron: Patron, fee: Fee, transfers: Iterable[Any], labels: Mapping[tuple[str, str], str]
) -> dict[str, Any]:
    exponent = call.exponent
    user = call.host + USERS + quote(patron.primary_id, safe="")
    original, remaining = abs(fee.original_minor), abs(fee.remaining_minor)
    remaining_vat = vat_of_part(before_minor=original - remaining, after_minor=original, rate_bp=fee.vat_rate_bp)
    tree: dict[str, Any] = {
        "id": str(fee.pk),
        "type": {"value": fee.type.code, "desc": fee.type.label},
        "status": {"value": str(fee.status), "desc": FEE_STATUSES[str(fee.status)]},
        "user_primary_id": {"value": patron.primary_id, "link": user},
        "balance": amount(fee.remaining_minor, exponent),
        "remaining_vat_amount": amount(remaining_vat, exponent),
        "original_amount": amount(fee.original_minor, exponent),
        "original_vat_amount": amount(vat_in(original, fee.vat_rate_bp), exponent),
        "creation_time": moment(fee.created_at),
        "status_time": moment(fee.status_at),
    }
    if fee.note is not None and fee.note.text:
        tree["comment"] = fee.note.text
    tree["owner"] = _owner(call, fee)
    tree["title"] = fee.title or None
    items = call.host + "/almaws/v1/items?item_barcode=" + quote(fee.barcode, safe="")
    tree["barcode"] = {"value": fee.barcode, "link": items} if fee.barcode else None
    if fee.bursar_transaction_id:
        tree["bursar_transaction_id"] = fee.bursar_transaction_id
    told = [_transaction(call, fee, each, labels) for each in transfers if not _is_origin(fee, each)]
    if told:
        tree["transaction"] = told
    tree["link"] = f"{user}/fees/{fee.pk}"
    return tree


def moment(at: datetime) -> str:
    """In UTC to the millisecond: ``2026-11-19T18:43:55.236Z``."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _owner(call: Call, fee: Fee) -> dict[str, str]:
    """An institution owns what no library does."""
    owner = fee.owner
    if owner is None:
        return {"value": call.institution.code, "desc": call.institution.name}
    return {"value": owner.code, "desc": owner.name}


def _is_origin(fee: Fee, transfer: Any) -> bool:
    """Whether ``transfer`` is how the fee came to be, or grew; a CREDIT comes from what it is given for."""
    if transfer.kind == "CHARGE":
        return True
    return bool(fee.is_credit and transfer.credit == "patron:credit" and transfer.kind != "CORRECTION")


def _transaction(call: Call, fee: Fee, transfer: Any, labels: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    kind = _SHOWN_AS.get(transfer.kind, transfer.kind)
    sign = _sign(fee, transfer)
    tree: dict[str, Any] = {
        "type": {"value": kind, "desc": TRANSACTION_TYPES[kind]},
        "amount": amount(sign * transfer.amount_minor, call.exponent),
        "vat_amount": amount(sign * transfer.vat_minor, call.exponent),
        "created_by": transfer.actor_name,
    }
    if transfer.external_transaction_id:
        tree["external_transaction_id"] = transfer.external_transaction_id
    tree["transaction_time"] = moment(transfer.at)
    if transfer.library is not None:
        code = transfer.desk.code if transfer.desk is not None else transfer.library.code
        tree["received_by"] = {"value": code, "desc": transfer.library.name}
    if transfer.method:
        tree["payment_method"] = _coded(transfer.method, labels.get((_METHOD, transfer.method)))
    if transfer.reason:
        tree["reason"] = _coded(transfer.reason, labels.get((_REASON, transfer.reason)))
    if transfer.note is not None and transfer.note.text:
        tree["comment"] = transfer.note.text
    return tree


def _sign(fee: Fee, transfer: Any) -> int:
    """Below zero on a CREDIT that is used, and where a correction takes back what was paid or waived."""
    if transfer.kind in _MOVES_NOTHING:
        return 1
    if transfer.kind == "CORRECTION" and transfer.corrected_kind == "PAYMENT_RECEIVED":
        return -1
    if fee.is_credit and transfer.credit_fee_id == fee.pk:
        return -1 if transfer.debit == "patron:credit" else 1
    if transfer.kind == "CORRECTION" and transfer.corrected_kind not in (None, "CHARGE"):
        return -1
    return 1


def _coded(code: str, label: str | None) -> dict[str, str]:
    return {"value": code, "desc": label or code}
