"""Fines and fees of a user: listed, read, charged, paid, waived, disputed, restored.

Why everything of an operation travels in the query: that is how the dialect is, and a body that is sent along, be it
empty, ``null`` or a form, must not change what is done.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, Sum
from django.http.response import HttpResponseBase
from django.utils.dateparse import parse_datetime

from amerce.api.alma.answers import answer, long_answer
from amerce.api.alma.errors import AlmaError, bad_parameter
from amerce.api.alma.fee_object import fee_objects
from amerce.api.alma.interface import api
from amerce.api.alma.schemas import REFUSALS, Fee, Fees, NewFee
from amerce.api.alma.who import user_of
from amerce.api.amounts import read_amount
from amerce.api.call import Call, called
from amerce.api.tree import amount
from amerce.charges import models as charges
from amerce.charges.assess import ItemFacts, assess
from amerce.charges.dispute import dispute
from amerce.charges.errors import FeeNotFound
from amerce.charges.models import FeeType
from amerce.charges.outcome import Outcome
from amerce.charges.pay import pay
from amerce.charges.queries import FIRST_FEES, fees_of, first_fees, get_fee
from amerce.charges.restore import restore
from amerce.charges.waive import waive
from amerce.circulation.queries import item_facts
from amerce.institutions.queries import libraries
from amerce.money.amount import AmountMissing
from amerce.patrons.models import Patron

WHOLE_LIST = FIRST_FEES
"""Longer lists are sent while they are read, in slices of so many."""
ALL = "ALL"
NOT_THERE = "401651"
_ID_DIGITS = 18
_NONE = frozenset({"", "none", "null", "undefined"})


@api.get(
    "/users/{user_id}/fees", response={200: Fees, **REFUSALS}, tags=["Fines and fees"], summary="List fines and fees"
)
@called("fees:read")
def list_fees(call: Call, user_id: str, user_id_type: str = "", status: str = "ACTIVE") -> HttpResponseBase:
    """Those of one status: ACTIVE, INDISPUTE, EXPORTED or CLOSED."""
    wanted = status.strip().upper() or "ACTIVE"
    if wanted not in charges.Fee.Status.values:
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
    "/users/{user_id}/fees",
    response={200: Fee, **REFUSALS},
    tags=["Fines and fees"],
    summary="Charge a fine or fee",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": NewFee.model_json_schema(ref_template="#/components/schemas/{model}"),
                    "example": {
                        "type": {"value": "OTHER"},
                        "original_amount": "5.00",
                        "owner": {"value": "MAIN"},
                        "comment": "Locker key lost",
                    },
                }
            },
        }
    },
)
@called("fees:create")
def create_fee(call: Call, user_id: str, user_id_type: str = "") -> HttpResponseBase:
    """A CREDIT is sent above zero and read back below it. What only answers hold is ignored."""
    patron = user_of(call, user_id, user_id_type)
    sent = call.body()
    if not isinstance(sent, dict):
        raise AlmaError("4019991", "The fee type is needed.")
    type_code = _coded(sent, "type")
    if not type_code:
        raise AlmaError("4019991", "The fee type is needed.")
    fee_type = FeeType.objects.filter(institution_id=call.institution.pk, code=type_code, is_enabled=True).first()
    if fee_type is None:
        raise AlmaError("4019992", f"The fee type {type_code} is not valid.")
    outcome = assess(
        actor=call.actor,
        at=call.at,
        patron_id=patron.pk,
        type_code=type_code,
        amount_minor=_original(call, sent),
        owner_library_id=_owner(call, sent, fee_type),
        item=_item(call, sent),
        comment=_plain(sent.get("comment")),
        created_at=_created(sent),
        form_key=call.form_key,
    )
    return _fee(call, patron, outcome.lines[0].fee_id, outcome)


def _original(call: Call, sent: dict[str, Any]) -> int:
    try:
        return read_amount(_plain(sent.get("original_amount")), call.institution)
    except AmountMissing:
        raise AlmaError("4019994", "The original amount is needed.") from None


def _owner(call: Call, sent: dict[str, Any], fee_type: FeeType) -> int | None:
    """The library that owns the fee, None for the institution."""
    code = _coded(sent, "owner")
    if not code:
        raise AlmaError("4019996", "The owner is needed.")
    if fee_type.owner_kind == FeeType.Owner.INSTITUTION:
        if code != call.institution.code:
            raise AlmaError("4019999", "The owner of a fee of this type must be the institution.")
        if call.actor.library_id is not None:
            raise _restricted()
        return None
    library = libraries(call.institution.pk).filter(code=code).first()
    if library is None or not library.is_active:
        raise AlmaError("4019997", "The owner of a fee of this type must be a library.")
    if call.actor.library_id not in (None, library.pk):
        raise _restricted()
    return library.pk


def _item(call: Call, sent: dict[str, Any]) -> ItemFacts | None:
    barcode = _coded(sent, "barcode")
    return item_facts(call.actor, barcode) if barcode else None


def _created(sent: dict[str, Any]) -> datetime | None:
    text = _plain(sent.get("creation_time"))
    if not text:
        return None
    try:
        at = parse_datetime(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise bad_parameter("creation_time", "Write it like 2026-11-19T18:43:55Z.")
    return at


def _coded(sent: dict[str, Any], name: str) -> str:
    """The code of ``{"value": code}``, or of the code alone."""
    value = sent.get(name)
    return _plain(value.get("value") if isinstance(value, dict) else value)


def _plain(value: Any) -> str:
    return str(value).strip() if isinstance(value, str) else ""


@api.post(
    "/users/{user_id}/fees/all", response={200: Fees, **REFUSALS}, tags=["Fines and fees"], summary="Pay all fees"
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
    _refuse_restricted_all(call, patron)
    outcome = pay(
        actor=call.actor,
        at=call.at,
        patron_id=patron.pk,
        fee_ids=None,
        amount_minor=None if amount.strip().upper() == ALL else read_amount(amount, call.institution),
        method=method.strip(),
        comment=_given(comment),
        external_transaction_id=_given(external_transaction_id),
        form_key=call.form_key,
    )
    return list_of_fees(call, patron, charges.Fee.Status.ACTIVE.value, is_replay=outcome.replayed)


@api.get(
    "/users/{user_id}/fees/{fee_id}",
    response={200: Fee, **REFUSALS},
    tags=["Fines and fees"],
    summary="Read one fine or fee",
)
@called("fees:read")
def read_fee(call: Call, user_id: str, fee_id: str, user_id_type: str = "") -> HttpResponseBase:
    """Whatever its status."""
    patron = user_of(call, user_id, user_id_type, code=NOT_THERE)
    return _fee(call, patron, _number(fee_id))


Operation = Callable[[Call, Patron, int, dict[str, str]], Outcome]


def _pay(call: Call, patron: Patron, fee_id: int, said: dict[str, str]) -> Outcome:
    return pay(
        actor=call.actor,
        at=call.at,
        patron_id=patron.pk,
        fee_ids=[fee_id],
        amount_minor=read_amount(said["amount"], call.institution),
        method=said["method"],
        comment=said["comment"],
        external_transaction_id=said["external_transaction_id"],
        form_key=call.form_key,
    )


def _waive(call: Call, patron: Patron, fee_id: int, said: dict[str, str]) -> Outcome:
    amount_minor = read_amount(said["amount"], call.institution)
    return waive(
        actor=call.actor,
        at=call.at,
        patron_id=patron.pk,
        amounts_minor={fee_id: amount_minor},
        reason=said["reason"],
        comment=said["comment"],
        form_key=call.form_key,
    )


def _dispute(call: Call, patron: Patron, fee_id: int, said: dict[str, str]) -> Outcome:
    return dispute(
        actor=call.actor,
        at=call.at,
        patron_id=patron.pk,
        fee_ids=[fee_id],
        comment=said["comment"],
        form_key=call.form_key,
    )


def _restore(call: Call, patron: Patron, fee_id: int, said: dict[str, str]) -> Outcome:
    return restore(
        actor=call.actor,
        at=call.at,
        patron_id=patron.pk,
        fee_ids=[fee_id],
        comment=said["comment"],
        form_key=call.form_key,
    )


_OPERATIONS: dict[str, tuple[str, Operation]] = {
    "pay": ("fees:pay", _pay),
    "waive": ("fees:waive", _waive),
    "dispute": ("fees:dispute", _dispute),
    "restore": ("fees:dispute", _restore),
}


@api.post(
    "/users/{user_id}/fees/{fee_id}",
    response={200: Fee, **REFUSALS},
    tags=["Fines and fees"],
    summary="Pay, waive, dispute or restore",
)
@called(None)
def operate(
    call: Call,
    *,
    user_id: str,
    fee_id: str,
    op: str = "",
    amount: str = "",
    method: str = "",
    reason: str = "",
    comment: str = "",
    external_transaction_id: str = "",
    user_id_type: str = "",
) -> HttpResponseBase:
    """``op`` says what; ``amount`` is for pay and waive, ``method`` for pay, ``reason`` for waive."""
    found = _OPERATIONS.get(op.strip().casefold())
    if found is None:
        raise bad_parameter("op")
    scope, operation = found
    call.need(scope)
    patron = user_of(call, user_id, user_id_type, code=NOT_THERE)
    number = _number(fee_id)
    if call.actor.library_id is not None:
        _refuse_restricted(call, [get_fee(call.actor, patron.pk, number)])
    said = {
        "amount": amount,
        "method": method.strip(),
        "reason": reason.strip(),
        "comment": _given(comment),
        "external_transaction_id": _given(external_transaction_id),
    }
    return _fee(call, patron, number, operation(call, patron, number, said))


def _given(text: str) -> str:
    """Programs send ``None`` for what they have not."""
    return "" if text.strip().casefold() in _NONE else text


def _number(fee_id: str) -> int:
    if not (fee_id.isascii() and fee_id.isdigit() and len(fee_id) <= _ID_DIGITS):
        raise FeeNotFound(0)
    return int(fee_id)


def _fee(call: Call, patron: Patron, fee_id: int, outcome: Outcome | None = None) -> HttpResponseBase:
    fee = get_fee(call.actor, patron.pk, fee_id)
    (tree,) = fee_objects(call, patron, [fee])
    return answer(call, "fee", tree, is_replay=outcome is not None and outcome.replayed)


def _refuse_restricted_all(call: Call, patron: Patron) -> None:
    """A key of one library settles nothing of another, and paying all would."""
    if call.actor.library_id is not None:
        active = fees_of(call.actor, patron.pk).filter(status=charges.Fee.Status.ACTIVE)
        if active.exclude(owner_id=call.actor.library_id).exists():
            raise _restricted()


def _refuse_restricted(call: Call, fees: list[charges.Fee]) -> None:
    if any(each.owner_id != call.actor.library_id for each in fees):
        raise _restricted()


def _restricted() -> AlmaError:
    return AlmaError("60340", "The API key is restricted to another library.")
