"""What a user has borrowed and waits for."""

from typing import Any
from urllib.parse import quote

from django.db.models import Sum
from django.http.response import HttpResponseBase

from amerce.api.alma.answers import answer
from amerce.api.alma.errors import AlmaError, bad_parameter
from amerce.api.alma.fee_object import USERS, moment
from amerce.api.alma.interface import api
from amerce.api.alma.schemas import REFUSALS, Loan, Loans, Request, Requests
from amerce.api.alma.who import user_of
from amerce.api.call import Call, called
from amerce.api.paging import Limit, Offset, page
from amerce.api.tree import amount
from amerce.charges.queries import fees_of
from amerce.circulation import models as lending
from amerce.circulation.errors import LoanNotFound, RequestNotFound
from amerce.circulation.queries import get_loan, get_request, loans_of, requests_of, returns_of
from amerce.patrons.models import Patron

_ORDERS = {
    "id": "pk", "loan_date": "loaned_at", "due_date": "due_at", "title": "item__title", "barcode": "item__barcode",
    "process_status": "status", "author": "item__author", "loan_library": "library__name",
}  # fmt: skip
_STATUSES = {"active": "ACTIVE", "complete": "COMPLETE"}


@api.get("/users/{user_id}/loans", response={200: Loans, **REFUSALS}, tags=["Loans"], summary="List loans")
@called("loans:read")
def list_loans(
    call: Call,
    *,
    user_id: str,
    user_id_type: str = "",
    limit: Limit = 10,
    offset: Offset = 0,
    order_by: str = "id",
    direction: str = "ASC",
    loan_status: str = "Active",
    expand: str = "",
) -> HttpResponseBase:
    """``loan_status`` Active is what is out, Complete what was brought back."""
    status = _STATUSES.get(loan_status.strip().casefold())
    if status is None:
        raise bad_parameter("loan_status")
    column = _ORDERS.get(order_by.strip().casefold(), "pk")
    patron = user_of(call, user_id, user_id_type)
    found = (loans_of if status == "ACTIVE" else returns_of)(call.actor, patron.pk)
    down = "-" if direction.strip().casefold() == "desc" else ""
    part = list(found.order_by(down + column, down + "pk")[page(limit, offset)])
    fines = _fines(call, patron, [each.pk for each in part])
    listed = [_loan(call, patron, each, fines.get(each.pk, 0)) for each in part]
    tree: dict[str, Any] = {"item_loan": listed} if listed else {}
    return answer(call, "item_loans", {**tree, "total_record_count": found.count()})


@api.get("/users/{user_id}/loans/{loan_id}", response={200: Loan, **REFUSALS}, tags=["Loans"], summary="Read a loan")
@called("loans:read")
def read_loan(call: Call, user_id: str, loan_id: str, user_id_type: str = "") -> HttpResponseBase:
    """Whether it is out or was brought back."""
    patron = user_of(call, user_id, user_id_type)
    try:
        loan = get_loan(call.actor, patron.pk, _number(loan_id))
    except LoanNotFound:
        raise AlmaError("401823", f"The loan {loan_id} was not found.") from None
    fines = _fines(call, patron, [loan.pk])
    return answer(call, "item_loan", _loan(call, patron, loan, fines.get(loan.pk, 0)))


@api.get("/users/{user_id}/requests", response={200: Requests, **REFUSALS}, tags=["Loans"], summary="List requests")
@called("loans:read")
def list_requests(
    call: Call,
    *,
    user_id: str,
    user_id_type: str = "",
    limit: Limit = 10,
    offset: Offset = 0,
    request_type: str = "",
    status: str = "active",
) -> HttpResponseBase:
    """What the user waits for now."""
    patron = user_of(call, user_id, user_id_type)
    found = requests_of(call.actor, patron.pk)
    if status.strip().casefold() == "history" or request_type.strip().upper() not in ("", "HOLD"):
        found = found.none()
    part = [_request(call, patron, each) for each in found[page(limit, offset)]]
    tree: dict[str, Any] = {"user_request": part} if part else {}
    return answer(call, "user_requests", {**tree, "total_record_count": found.count()})


@api.get(
    "/users/{user_id}/requests/{request_id}",
    response={200: Request, **REFUSALS},
    tags=["Loans"],
    summary="Read a request",
)
@called("loans:read")
def read_request(call: Call, user_id: str, request_id: str, user_id_type: str = "") -> HttpResponseBase:
    """One that is still open."""
    patron = user_of(call, user_id, user_id_type)
    try:
        waiting = get_request(call.actor, patron.pk, _number(request_id))
    except RequestNotFound:
        raise AlmaError("401694", f"The request {request_id} was not found.") from None
    return answer(call, "user_request", _request(call, patron, waiting))


def _fines(call: Call, patron: Patron, loan_ids: list[int]) -> dict[int, int]:
    """Loan id to what is open of its fees, in minor units. One query."""
    open_fees = fees_of(call.actor, patron.pk).filter(loan__in=loan_ids).order_by()
    sums = open_fees.values_list("loan_id").annotate(open=Sum("remaining_minor"))
    return {loan_id: open_minor for loan_id, open_minor in sums if loan_id is not None}


def _loan(call: Call, patron: Patron, loan: lending.Loan, fine_minor: int) -> dict[str, Any]:
    item, library = loan.item, loan.library
    user = call.url(USERS + quote(patron.primary_id, safe=""))
    tree: dict[str, Any] = {
        "loan_id": str(loan.pk),
        "library": {"value": library.code, "desc": library.name},
        "user_id": patron.primary_id,
        "item_barcode": item.barcode,
        "due_date": moment(loan.due_at),
        "loan_status": "ACTIVE" if loan.is_out else "COMPLETE",
        "loan_date": moment(loan.loaned_at),
        "process_status": str(loan.status),
        "title": item.title,
        "author": item.author or None,
        "publication_year": item.published or None,
        "call_number": item.call_number or None,
        "location_code": {"value": item.location_code, "name": item.location_code},
        "item_policy": {"value": item.policy_code},
        "renewable": loan.is_out,
        "loan_fine": amount(fine_minor, call.exponent),
    }
    if loan.renewed_at is not None:
        tree["last_renew_date"] = moment(loan.renewed_at)
        tree["last_renew_status"] = {"value": "RENEW", "desc": "Renewed"}
    if loan.returned_at is not None:
        tree["return_date"] = moment(loan.returned_at)
    tree["link"] = f"{user}/loans/{loan.pk}"
    return tree


def _request(call: Call, patron: Patron, waiting: lending.Request) -> dict[str, Any]:
    user = call.url(USERS + quote(patron.primary_id, safe=""))
    return {
        "title": waiting.item.title,
        "author": waiting.item.author or None,
        "user_primary_id": patron.primary_id,
        "request_id": str(waiting.pk),
        "request_type": "HOLD",
        "request_sub_type": {"value": "PATRON_PHYSICAL", "desc": "Patron physical item request"},
        "pickup_location": waiting.pickup.name,
        "pickup_location_type": "LIBRARY",
        "pickup_location_library": waiting.pickup.code,
        "request_status": "NOT_STARTED",
        "request_date": waiting.placed_at.date().isoformat() + "Z",
        "request_time": moment(waiting.placed_at),
        "barcode": waiting.item.barcode,
        "link": f"{user}/requests/{waiting.pk}",
    }


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0  # noqa: PLR2004
