"""A patron's account: balances, transfers, disputes, corrections, refunds."""

from functools import partial
from typing import Any

from django.http.response import HttpResponseBase

from amerce.api.amounts import read_amount
from amerce.api.call import Call, called
from amerce.api.examples import FEE, TRANSFER, example
from amerce.api.v1.account_schemas import BalancesOut, Commented, CorrectionIn, OutcomeOut, RefundIn, TransfersOut
from amerce.api.v1.answers import answer, id_of, mark_of, moment, money, outcome, page_of, patron_of, text_of
from amerce.api.v1.interface import api
from amerce.api.v1.problems import Problem
from amerce.api.v1.schemas import REFUSALS, PageSize
from amerce.charges.correct import correct
from amerce.charges.dispute import dispute
from amerce.charges.queries import balances, get_fee, transfers_after, transfers_of_account
from amerce.charges.refund import refund
from amerce.charges.restore import restore

_TAGS = ["Accounts"]


@api.get("/patrons/{patron}/balances", response={200: BalancesOut, **REFUSALS}, tags=_TAGS, summary="Read the balances")
@called("fees:read")
def read_balances(call: Call, patron: str) -> HttpResponseBase:
    """Active net of credits, disputed and transferred, and the seq of the account at which that is so."""
    found = patron_of(call, patron)
    now = balances(call.actor, found.pk)
    tree = {
        "patron": found.primary_id,
        "currency": call.institution.currency_code,
        "active": money(call, now.active_minor),
        "disputed": money(call, now.disputed_minor),
        "transferred": money(call, now.transferred_minor),
        "seq": now.seq,
    }
    return answer(tree)


@api.get(
    "/patrons/{patron}/transfers",
    response={200: TransfersOut, **REFUSALS},
    tags=_TAGS,
    summary="List the transfers of an account",
)
@called("fees:read")
def list_transfers(call: Call, patron: str, after: str = "", limit: PageSize = 100) -> HttpResponseBase:
    """Oldest first; ``after`` is the seq of the last that is known. ``next`` is what to ask for then."""
    found = patron_of(call, patron)
    rows = transfers_of_account(call.actor, found.pk, mark_of(after))
    return page_of("transfers", rows, limit, partial(transfer_tree, call), "seq")


@api.get("/transfers", response={200: TransfersOut, **REFUSALS}, tags=_TAGS, summary="List the transfers of everybody")
@called("reports:read")
def list_all_transfers(call: Call, after: str = "", limit: PageSize = 100) -> HttpResponseBase:
    """By id; ``after`` is the last that is known. A key of one library gets those of its fees."""
    return page_of("transfers", transfers_after(call.actor, mark_of(after)), limit, partial(transfer_tree, call))


@api.put(
    "/patrons/{patron}/fees/{fee}/dispute",
    response={200: OutcomeOut, **REFUSALS},
    tags=_TAGS,
    summary="Dispute a fee",
    openapi_extra=example({"comment": "Returned on the day it was due"}, patron="jdoe", fee=FEE, key="case-17-a"),
)
@called("fees:dispute")
def put_dispute(call: Call, patron: str, fee: str, body: Commented | None = None) -> HttpResponseBase:
    """It leaves the active balance and is not paid until it is restored."""
    found, number = patron_of(call, patron), id_of(fee)
    _refuse_restricted(call, found.pk, number)
    done = dispute(
        actor=call.actor,
        at=call.at,
        patron_id=found.pk,
        fee_ids=[number],
        comment=body.comment if body else "",
        form_key=call.form_key,
    )
    return outcome(call, done)


@api.delete(
    "/patrons/{patron}/fees/{fee}/dispute",
    response={200: OutcomeOut, **REFUSALS},
    tags=_TAGS,
    summary="Restore a fee from dispute",
    openapi_extra=example(patron="jdoe", fee=FEE, comment="The slip says otherwise", key="case-17-b"),
)
@called("fees:dispute")
def delete_dispute(call: Call, patron: str, fee: str, comment: str = "") -> HttpResponseBase:
    """It is owed again."""
    found, number = patron_of(call, patron), id_of(fee)
    _refuse_restricted(call, found.pk, number)
    done = restore(
        actor=call.actor,
        at=call.at,
        patron_id=found.pk,
        fee_ids=[number],
        comment=comment,
        form_key=call.form_key,
    )
    return outcome(call, done)


@api.post(
    "/patrons/{patron}/corrections",
    response={200: OutcomeOut, **REFUSALS},
    tags=_TAGS,
    summary="Take transfers back",
    openapi_extra=example(
        {"transfers": [TRANSFER], "comment": "Typed for the wrong person"}, patron="jdoe", key="case-18"
    ),
)
@called("fees:correct")
def post_correction(call: Call, patron: str, body: CorrectionIn) -> HttpResponseBase:
    """Each whole, by a new transfer that names it. To take back a payment, name all its lines."""
    found = patron_of(call, patron)
    _refuse_any_restriction(call)
    done = correct(
        actor=call.actor,
        at=call.at,
        patron_id=found.pk,
        transfer_ids=[id_of(each) for each in body.transfers],
        comment=body.comment,
        form_key=call.form_key,
    )
    return outcome(call, done)


@api.post(
    "/patrons/{patron}/refunds",
    response={200: OutcomeOut, **REFUSALS},
    tags=_TAGS,
    summary="Give back what was paid",
    openapi_extra=example(
        {"fee": FEE, "amount": "5.00", "method": "CASH", "comment": "Paid twice"}, patron="jdoe", key="case-19"
    ),
)
@called("fees:correct")
def post_refund(call: Call, patron: str, body: RefundIn) -> HttpResponseBase:
    """Of one fee, by a method."""
    found, number = patron_of(call, patron), id_of(body.fee)
    _refuse_restricted(call, found.pk, number)
    done = refund(
        actor=call.actor,
        at=call.at,
        patron_id=found.pk,
        fee_id=number,
        amount_minor=read_amount(body.amount, call.institution),
        method=body.method,
        comment=body.comment,
        form_key=call.form_key,
    )
    return outcome(call, done)


def _refuse_restricted(call: Call, patron_id: int, fee_id: int) -> None:
    """A key of one library touches no other's fees."""
    if call.actor.library_id is not None and get_fee(call.actor, patron_id, fee_id).owner_id != call.actor.library_id:
        raise Problem(403, "other_library", "The API key is restricted to another library.")


def _refuse_any_restriction(call: Call) -> None:
    """A correction may touch the fees of several libraries."""
    if call.actor.library_id is not None:
        raise Problem(403, "other_library", "The API key is restricted to one library.")


def transfer_tree(call: Call, row: Any) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "seq": row.seq,
        "at": moment(row.at),
        "kind": row.kind,
        "debit": row.debit,
        "credit": row.credit,
        "amount": money(call, row.amount_minor),
        "vat": money(call, row.vat_minor),
        "currency": row.currency_code,
        "fee": str(row.fee_id),
        "credit_fee": text_of(row.credit_fee_id),
        "method": row.method,
        "reason": row.reason,
        "receipt": text_of(row.payment_id),
        "external_transaction_id": row.external_transaction_id,
        "corrects": text_of(row.corrects_id),
        "actor": row.actor_name,
        "library": row.library.code if row.library else None,
        "desk": row.desk.code if row.desk else None,
        "patron": row.account.patron.primary_id,
        "hash": row.hash,
    }
