"""One fine or fee: read, paid, waived, disputed, restored.

Why everything of an operation travels in the query: that is how the dialect is, and a body that is sent along, be it
empty, ``null`` or a form, must not change what is done.
"""

from collections.abc import Callable

from django.http.response import HttpResponseBase

from amerce.api.alma.answers import answer
from amerce.api.alma.errors import bad_parameter, other_library
from amerce.api.alma.fee_object import fee_objects
from amerce.api.alma.interface import api
from amerce.api.alma.schemas import REFUSALS, Fee
from amerce.api.alma.who import NOT_THERE, user_of
from amerce.api.amounts import read_amount
from amerce.api.call import Call, called, given
from amerce.api.examples import FEE, example
from amerce.charges.dispute import dispute
from amerce.charges.errors import FeeNotFound
from amerce.charges.outcome import Outcome
from amerce.charges.pay import pay
from amerce.charges.queries import get_fee
from amerce.charges.restore import restore
from amerce.charges.waive import waive
from amerce.patrons.models import Patron

_ID_DIGITS = 18
_TAGS = ["Fines and fees"]

Said = dict[str, str]
"""What the query says of an operation, by the names of the dialect."""
Operation = Callable[[Call, Patron, int, Said], Outcome]


@api.get("/users/{user_id}/fees/{fee_id}", response={200: Fee, **REFUSALS}, tags=_TAGS, summary="Read one fine or fee")
@called("fees:read")
def read_fee(call: Call, user_id: str, fee_id: str, user_id_type: str = "") -> HttpResponseBase:
    """Whatever its status."""
    patron = user_of(call, user_id, user_id_type, code=NOT_THERE)
    return answer_fee(call, patron, _number(fee_id))


@api.post(
    "/users/{user_id}/fees/{fee_id}",
    response={200: Fee, **REFUSALS},
    tags=_TAGS,
    summary="Pay, waive, dispute or restore",
    openapi_extra=example(
        user_id="jdoe", fee_id=FEE, op="pay", amount="5.00", method="CASH", comment="At the kiosk", key="kiosk-7-0002"
    ),
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
    if call.actor.library_id is not None and get_fee(call.actor, patron.pk, number).owner_id != call.actor.library_id:
        raise other_library()
    said = {
        "amount": amount,
        "method": method.strip(),
        "reason": reason.strip(),
        "comment": given(comment),
        "external_transaction_id": given(external_transaction_id),
    }
    return answer_fee(call, patron, number, is_replay=operation(call, patron, number, said).replayed)


def answer_fee(call: Call, patron: Patron, fee_id: int, *, is_replay: bool = False) -> HttpResponseBase:
    """The fee as it is now."""
    (tree,) = fee_objects(call, patron, [get_fee(call.actor, patron.pk, fee_id)])
    return answer(call, "fee", tree, is_replay=is_replay)


def _number(fee_id: str) -> int:
    if not (fee_id.isascii() and fee_id.isdigit() and len(fee_id) <= _ID_DIGITS):
        raise FeeNotFound(0)
    return int(fee_id)


def _pay(call: Call, patron: Patron, fee_id: int, said: Said) -> Outcome:
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


def _waive(call: Call, patron: Patron, fee_id: int, said: Said) -> Outcome:
    return waive(
        actor=call.actor,
        at=call.at,
        patron_id=patron.pk,
        amounts_minor={fee_id: read_amount(said["amount"], call.institution)},
        reason=said["reason"],
        comment=said["comment"],
        form_key=call.form_key,
    )


def _changing_side(command: Callable[..., Outcome]) -> Operation:
    """Into dispute and back: both take the same."""

    def operation(call: Call, patron: Patron, fee_id: int, said: Said) -> Outcome:
        return command(
            actor=call.actor,
            at=call.at,
            patron_id=patron.pk,
            fee_ids=[fee_id],
            comment=said["comment"],
            form_key=call.form_key,
        )

    return operation


_OPERATIONS: dict[str, tuple[str, Operation]] = {
    "pay": ("fees:pay", _pay),
    "waive": ("fees:waive", _waive),
    "dispute": ("fees:dispute", _changing_side(dispute)),
    "restore": ("fees:dispute", _changing_side(restore)),
}
