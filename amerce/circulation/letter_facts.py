"""What letters say of a loan and of a request, and by which words such a letter is found to be erased."""

from typing import Any

from amerce.circulation.models import Loan, Request


def loan_facts(loan: Loan, fine_minor: int = 0) -> dict[str, Any]:
    """``loan`` comes with item and library. ``fine_minor`` is what it costs so far."""
    return {
        "id": str(loan.pk),
        "item_id": str(loan.item_id),
        "title": loan.item.title,
        "author": loan.item.author,
        "barcode": loan.item.barcode,
        "call_number": loan.item.call_number,
        "description": "",
        "library": loan.library.name,
        "library_code": loan.library.code,
        "loaned_at": loan.loaned_at.isoformat(),
        "due_at": loan.due_at.isoformat(),
        "fine_minor": fine_minor,
    }


def request_facts(request: Request) -> dict[str, Any]:
    """``request`` comes with item and pickup library."""
    return {
        "title": request.item.title,
        "author": request.item.author,
        "placed_at": request.placed_at.isoformat(),
        "pickup": request.pickup.name,
    }


def about_loan(loan: Loan) -> str:
    return f"loan:{loan.pk}"


def about_request(request: Request) -> str:
    return f"request:{request.pk}"
