"""What the data of each kind of letter has in it, by an example: for previews, and to check words before they are kept.

Every name is there in every letter of the kind, so that words that go through with the example go through always.
"""

from typing import Any

from amerce.letters.kinds import KINDS, LetterKind, notice_number

_AT = "2026-03-02T10:30:00+00:00"
_TRANSACTION = {
    "id": "9001", "type": "PAYMENT", "by": "desk", "library": "MAIN", "amount_minor": 250, "vat_minor": 0, "at": _AT,
    "method": "CASH", "method_label": "Cash", "reason": "", "comment": "", "reference": "",
}  # fmt: skip
_FEE = {
    "id": "501", "type": "OVERDUEFINE", "type_label": "Overdue fine", "status": "ACTIVE", "status_at": _AT,
    "created_at": _AT, "original_minor": 500, "remaining_minor": 450, "vat_rate_bp": 0, "owner": "Main Library",
    "owner_code": "MAIN", "title": "The leopard", "barcode": "30112045", "call_number": "PQ4843 .A1", "item_id": "71",
    "loan_id": "81", "comment": "", "bursar_transaction_id": "", "transactions": [_TRANSACTION],
}  # fmt: skip
_FEES = [_FEE, {**_FEE, "id": "502", "type": "OTHER", "type_label": "Other", "title": "", "remaining_minor": 1900}]
_LOAN = {
    "id": "81", "item_id": "71", "title": "The leopard", "author": "Giuseppe Tomasi di Lampedusa",
    "barcode": "30112045", "call_number": "PQ4843 .A1", "description": "", "library": "Main Library",
    "library_code": "MAIN", "loaned_at": _AT, "due_at": _AT, "fine_minor": 450,
}  # fmt: skip
_LINE = {
    "label": "Overdue fine", "title": "The leopard", "amount_minor": 450, "vat_minor": 41, "method_label": "Cash",
    "reference": "4711", "is_credit": False, "is_taken_back": False,
}  # fmt: skip
_OF_A_LOAN = {"loan": _LOAN, "fees": _FEES, "total_minor": 2350}
_RUN = {"began_at": _AT, "ended_at": _AT, "total_minor": 2350}

_DATA: dict[str, dict[str, Any]] = {
    "fines_fees_notification": {
        "library": "Main Library", "library_code": "MAIN", "profile": "First reminder", "fees": _FEES,
        "total_minor": 2350, "notification_fee_minor": 100,
    },
    "payment_receipt": {
        "receipt": "10042", "is_refund": False, "by": "desk", "credits_minor": 0, "paid_at": _AT,
        "place": "Main Library", "lines": [_LINE], "fees": _FEES,
        "total_minor": 450, "balance_minor": 1900,
    },
    "fee_charged": {"fees": _FEES, "charged_minor": 1900, "total_minor": 2350},
    "activity_report": {
        "loans": [_LOAN], "overdue_loans": [_LOAN], "owed": [{"owner": "Main Library", "total_minor": 2350}],
        "total_minor": 2350,
    },
    "overdue": {**_OF_A_LOAN, "fee_minor": 100},
    "lost": _OF_A_LOAN,
    "lost_refund": {"loan": _LOAN, "fees": _FEES, "refund_minor": 1000, "balance_minor": -1000},
    "request_cancelled": {
        "request": {"title": "The leopard", "author": "", "placed_at": _AT, "pickup": "Main Library"},
        "note": "The item is being repaired.",
    },
    "bursar_run": {
        **_RUN, "run": "12", "profile": "Student accounts", "is_import": False, "outcome": "done", "error": "",
        "files": [{"name": "STUDENTS-12-20260302.xml", "state": "delivered"}], "users_count": 7, "fees_count": 12,
        "left_count": 1,
    },
    "till": {
        **_RUN, "place": "Main Library, Circulation Desk", "by": "desk", "expected_minor": 2350,
        "counted_minor": 2350, "difference_minor": 0, "methods": [{"label": "Cash", "total_minor": 2350}],
    },
}  # fmt: skip
_PATRON = {
    "id": "emoreau", "name": "Élodie Moreau", "first_name": "Élodie", "last_name": "Moreau", "group": "57",
    "group_label": "Self-registered", "language": "en", "email": "elodie.moreau@example.org",
    "phone": "+1 202 555 0143", "address": ["12 Canal Street", "Springfield 01101"],
    "address_lines": ["12 Canal Street"], "city": "Springfield", "postal_code": "01101", "country": "",
    "identifiers": [{"code": "BARCODE", "value": "21234000"}],
}  # fmt: skip


def sample(kind: str) -> dict[str, Any]:
    """An example of the facts of a letter of ``kind``, without the institution."""
    return {"patron": _PATRON, "number": notice_number(kind), **_DATA[KINDS[LetterKind(kind)].folder]}
