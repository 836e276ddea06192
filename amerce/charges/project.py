"""From a transfer to the fees it touches."""

from datetime import datetime

from amerce.charges.models import Fee
from amerce.charges.states import ClosedAs, status_after
from amerce.ledger.chart import ACTIVE, CREDIT, DISPUTED, TRANSFERRED, Kind

PROJECTED = (
    "status",
    "status_at",
    "closed_as",
    "original_minor",
    "remaining_minor",
    "transferred_minor",
    "paid_minor",
    "waived_minor",
    "refunded_minor",
    "reduced_minor",
    "credited_minor",
)
"""The columns of a fee that follow from its transfers."""


def project(
    fee: Fee,
    credit_fee: Fee | None,
    *,
    kind: Kind,
    debit: str,
    credit: str,
    amount_minor: int,
    at: datetime,
    corrected_kind: Kind | None = None,
) -> None:
    """Add the effect of one transfer to its fee and, where a CREDIT is moved, to that CREDIT; in memory."""

    def moved(ledger_account: str) -> int:
        return amount_minor * ((debit == ledger_account) - (credit == ledger_account))

    fee.remaining_minor += moved(ACTIVE) + moved(DISPUTED)
    fee.transferred_minor += moved(TRANSFERRED)
    if kind is Kind.CHARGE:
        fee.original_minor += amount_minor
    is_shown = shows_payment(kind, credit)
    if credit_fee:
        credit_fee.remaining_minor += moved(CREDIT)
        if (kind is not Kind.CORRECTION and credit == CREDIT) or is_shown:
            credit_fee.original_minor -= amount_minor
    _add_to_totals(fee, credit_fee, corrected_kind or kind, -amount_minor if corrected_kind else amount_minor)
    is_shown = is_shown and credit_fee is not None
    if credit_fee and credit_fee is not fee:
        _set_status(credit_fee, kind, debit, at, is_shown)
    _set_status(fee, kind, debit, at, is_shown)
    if fee.status == Fee.Status.CLOSED and credit_fee and credit_fee.bound_to_id == fee.pk:
        fee.closed_as = ClosedAs.WAIVED


def shows_payment(kind: Kind, credit: str) -> bool:
    """Whether a CREDIT that the transfer names shows what was paid at the bursar, of which nothing can be spent."""
    return kind is Kind.PAYMENT_RECEIVED and credit == TRANSFERRED


def _add_to_totals(fee: Fee, credit_fee: Fee | None, kind: Kind, amount_minor: int) -> None:
    """``paid``, ``waived`` and ``refunded`` grow by their kind and fall by its correction; a reduction only grows.

    What a waiver's own credit pays was waived, so it does not count as paid.
    """
    if kind is Kind.PAYMENT and not (credit_fee and credit_fee.bound_to_id):
        fee.paid_minor += amount_minor
    elif kind is Kind.WAIVE:
        fee.waived_minor += amount_minor
    elif kind is Kind.REFUND:
        fee.refunded_minor += amount_minor
    elif kind is Kind.REDUCTION:
        fee.reduced_minor += amount_minor
        fee.credited_minor += amount_minor if credit_fee else 0


def _set_status(fee: Fee, kind: Kind, debit: str, at: datetime, is_shown_by_credit: bool) -> None:
    status, closed_as = status_after(fee, kind, debit, is_shown_by_credit=is_shown_by_credit)
    if status != fee.status:
        fee.status, fee.status_at = status, at
    fee.closed_as = closed_as
    if status != fee.Status.INDISPUTE:
        fee.waiting_minor = 0
