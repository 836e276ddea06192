"""All fines and fees of a user: listed, and paid at once."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Sum
from django.http.response import HttpResponseBase

from amerce.api.alma.answers import answer, long_answer
from amerce.api.alma.errors import bad_parameter, other_library
from amerce.api.alma.fee_object import fee_objects
from amerce.api.alma.interface import api
from amerce.api.alma.schemas import REFUSALS, Fees
from amerce.api.alma.who import NOT_THERE, user_of
from amerce.api.amounts import read_amount
from amerce.api.call import Call, called, given
from amerce.api.examples import example
from amerce.api.tree import amount
from amerce.charges.models import Fee
from amerce.charges.pay import pay
from amerce.charges.queries import FIRST_FEES, fees_of, first_fees
from amerce.patrons.models import Patron

WHOLE_LIST = FIRST_FEES
"""Longer lists are sent while they are read, in slices of so many."""
ALL = "ALL"


@api.get(
    "/users/{user_id}/fees", response={200: Fees, **REFUSALS}, tags=["Fines and fees"], summary="List fines and fees"
)
@called("fees:read")
def list_fees(call: Call, user_id: str, user_id_type: str = "", status: str = "ACTIVE") -> HttpResponseBase:
    """Those of one status: ACTIVE, INDISPUTE, EXPORTED or CLOSED."""
    wanted = status.strip().upper() or "ACTIVE"
    if wanted not in Fee.Status.values:
        raise bad_parameter("status")
    patron = user_of(call, user_id, user_id_type, code=NOT_THERE)
    return list_of_fees(call, patron, wanted)


def list_of_fees(call: Call, patron: Patron, status: str, *, is_replay: bool = False) -> HttpResponseBase:
    """Those of one status with their totals."""
    found = first_fees(call.actor, patron.pk, status)
    if len(found) > WHOLE_LIST:
        fees = fees_of(call.actor, patron.pk).filter(status=status)
        sums = fees.order_by().aggregate(sum=Sum("remaining_minor"), count=Count("pk"))
        totals = _totals(call, sums["count"], sums["sum"])
        return long_answer(call, "fees", "fee", _in_slices(call, patron, fees), totals)
    tree: dict[str, Any] = {"fee": fee_objects(call, patron, found)} if found else {}
    totals = _totals(call, len(found), sum(each.remaining_minor for each in found))
    return answer(call, "fees", {**tree, **totals}, is_replay=is_replay)


def _totals(call: Call, count: int, sum_minor: int) -> dict[str, Any]:
    return {
        "total_record_count": count,
        "total_sum": amount(sum_minor, call.exponent),
        "currency": call.institution.currency_code,
    }


def _in_slices(call: Call, patron: Patron, fees: Any) -> Iterator[dict[str, Any]]:
    """Newest first by id, each slice a query of its own: nothing is held open for a program that reads slowly."""
    by_id, last = fees.order_by("-pk"), None
    while True:
        part = list((by_id if last is None else by_id.filter(pk__lt=last))[:WHOLE_LIST])
        yield from fee_objects(call, patron, part)
        if len(part) < WHOLE_LIST:
            return
        last = part[-1].pk


@api.post(
    "/users/{user_id}/fees/all",
    response={200: Fees, **REFUSALS},
    tags=["Fines and fees"],
    summary="Pay all fees",
    openapi_extra=example(
        user_id="jdoe", op="pay", amount="ALL", method="ONLINE", external_transaction_id="T-1001", key="portal-1001"
    ),
)
@called("fees:pay")
def pay_all(
    call: Call,
    *,
    user_id: str,
    op: str = "",
    amount: str = "",
    method: str = "",
    comment: str = "",
    external_transaction_id: str = "",
    user_id_type: str = "",
) -> HttpResponseBase:
    """Credits are used first, then the oldest fees are paid. ``amount`` may be ALL. Answers what is still active."""
    patron = user_of(call, user_id, user_id_type, code=NOT_THERE)
    if op.strip().casefold() != "pay":
        raise bad_parameter("op")
    _refuse_restricted(call, patron)
    outcome = pay(
        actor=call.actor,
        at=call.at,
        patron_id=patron.pk,
        fee_ids=None,
        amount_minor=None if amount.strip().upper() == ALL else read_amount(amount, call.institution),
        method=method.strip(),
        comment=given(comment),
        external_transaction_id=given(external_transaction_id),
        form_key=call.form_key,
    )
    return list_of_fees(call, patron, Fee.Status.ACTIVE.value, is_replay=outcome.replayed)


def _refuse_restricted(call: Call, patron: Patron) -> None:
    """A key of one library settles nothing of another, and paying all would."""
    if call.actor.library_id is not None:
        active = fees_of(call.actor, patron.pk).filter(status=Fee.Status.ACTIVE)
        if active.exclude(owner_id=call.actor.library_id).exists():
            raise other_library()
