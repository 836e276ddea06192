"""Paying one fee, the chosen ones or all (rows A7, B5, G2)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from amerce.access.actors import Actor
from amerce.access.can import require, require_amount
from amerce.access.privileges import Privilege
from amerce.charges.allocation import plan_payment
from amerce.charges.books import open_books, receivable
from amerce.charges.codes import require_method
from amerce.charges.models import Fee
from amerce.charges.outcome import Outcome
from amerce.charges.request import EXTERNAL_ID_LIMIT, Key, Request, chosen
from amerce.charges.states import Verb
from amerce.inputs.checks import checked_text
from amerce.ledger import chart
from amerce.ledger.chart import Kind
from amerce.ledger.hashing import hash_of
from amerce.patrons.came import came_for


def pay(
    *,
    actor: Actor,
    at: datetime,
    patron_id: int,
    fee_ids: Sequence[int] | None,
    amount_minor: int | None,
    method: str,
    external_transaction_id: str = "",
    comment: str = "",
    form_key: str = "",
    expected_seq: int | None = None,
    proxy_id: int | None = None,
) -> Outcome:
    """Take ``amount_minor`` for ``fee_ids``; None for the fees means all, None for the amount everything owed.

    Paying all uses credits first, bound ones on their own fee; paying chosen fees uses none. Oldest fee first. An
    excess is refused or kept as a CREDIT, as the institution says. An ``external_transaction_id`` that was used
    before for the same target, method and amount answers the first result, unless the institution says otherwise.
    ``proxy_id`` is the proxy who came for the patron, named by the event; anybody may pay, so nobody is refused for it.
    Raises ``NotAllowed``, ``AboveCeiling``,
    ``PatronNotFound`` and of ``charges.errors``: ``NothingChosen``, ``FeeNotFound``, ``StatusForbids``,
    ``CreditForbids``, ``AmountOutOfRange``, ``MoreThanOwed``, ``NothingOwed``, ``MethodUnknown``, ``TextTooLong``,
    ``StaleAccount``, ``KeyConflict``, ``PaymentTakenBack``.
    """
    require(actor, Privilege.FEE_PAY)
    external_id = checked_text("external_transaction_id", external_transaction_id.strip(), EXTERNAL_ID_LIMIT)
    ids = None if fee_ids is None else chosen(fee_ids)
    inputs = {"fees": ids, "amount": amount_minor, "method": method}
    request = Request(
        verb=Verb.PAY,
        inputs={**inputs, "external": external_id, "comment": comment},
        form_key=form_key,
        expected_seq=expected_seq,
        external_key=Key(_target(ids), external_id, inputs) if external_id else None,
    )
    with transaction.atomic():
        books = open_books(
            actor=actor,
            at=at,
            patron_id=patron_id,
            fee_ids=ids or (),
            also=Q(status=Fee.Status.ACTIVE) if ids is None else None,
        )
        if not books.institution.external_ids_are_keys:
            request = replace(request, external_key=None)
        if done := books.answered(request):
            return done
        plan = plan_payment(
            books.institution,
            list(books.fees.values()) if ids is None else [books.fees[each] for each in ids],
            amount_minor,
            chosen_payable_minor=None if ids is None else books.payable_minor,
        )
        require_amount(actor, Privilege.FEE_PAY, plan.money_minor)
        if plan.money_minor:
            require_method(actor.institution_id, method)
        note = books.note(comment)
        books.give_receipt()
        for share in plan.shares:
            if share.credit:
                books.use_credit(
                    share.fee, share.credit, share.amount_minor, note=note, external_transaction_id=external_id
                )
                continue
            books.move(
                Kind.PAYMENT,
                debit=chart.taken_by(method),
                credit=receivable(share.fee),
                amount_minor=share.amount_minor,
                fee=share.fee,
                method=method,
                note=note,
                external_transaction_id=external_id,
            )
        if plan.excess_minor:
            credit = books.open_credit(owner_id=actor.library_id)
            books.move(
                Kind.CREDIT,
                debit=chart.taken_by(method),
                credit=chart.CREDIT,
                amount_minor=plan.excess_minor,
                fee=credit,
                credit_fee=credit,
                method=method,
                note=note,
                external_transaction_id=external_id,
            )
        return books.close(request, "fee.paid", came_for(actor, patron_id, proxy_id))


def _target(ids: list[int] | None) -> str:
    """Whose key an external transaction id is: one fee, several, or all (``docs/reference/rules.md``, row G2)."""
    if ids is None:
        return "external:all"
    return f"external:{ids[0]}" if len(ids) == 1 else f"external:{hash_of(ids)[:20]}"
