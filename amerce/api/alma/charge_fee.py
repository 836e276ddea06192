"""Charging a fine or fee.

Why the fields are read here and not by a schema: programs send what they read, in both forms, and each thing that is
missing or wrong has a code of its own in the dialect.
"""

from datetime import datetime
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.dateparse import parse_datetime

from amerce.api.alma.errors import AlmaError, bad_parameter, other_library
from amerce.api.alma.interface import api
from amerce.api.alma.one_fee import answer_fee
from amerce.api.alma.schemas import REFUSALS, Fee, NewFee
from amerce.api.alma.who import user_of
from amerce.api.amounts import read_amount
from amerce.api.call import Call, called
from amerce.api.examples import example
from amerce.charges.assess import ItemFacts, assess
from amerce.charges.models import FeeType
from amerce.circulation.queries import item_facts
from amerce.institutions.queries import libraries
from amerce.money.amount import AmountMissing


@api.post(
    "/users/{user_id}/fees",
    response={200: Fee, **REFUSALS},
    tags=["Fines and fees"],
    summary="Charge a fine or fee",
    openapi_extra=example(
        {
            "type": {"value": "OTHER"},
            "original_amount": "5.00",
            "owner": {"value": "MAIN"},
            "comment": "Locker key lost",
        },
        schema=NewFee.model_json_schema(ref_template="#/components/schemas/{model}"),
        key="kiosk-7-0001",
        user_id="jdoe",
    ),
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
    return answer_fee(call, patron, outcome.lines[0].fee_id, is_replay=outcome.replayed)


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
            raise other_library()
        return None
    library = libraries(call.institution.pk).filter(code=code).first()
    if library is None or not library.is_active:
        raise AlmaError("4019997", "The owner of a fee of this type must be a library.")
    if call.actor.library_id not in (None, library.pk):
        raise other_library()
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
