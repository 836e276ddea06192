"""The one table of what may be done to a fee in which status, and what it becomes.

Why one table: a page that hides an action, a command that refuses it and a test that lists it must agree.
"""

from enum import StrEnum

from amerce.charges.errors import CreditForbids, StatusForbids
from amerce.charges.models import Fee
from amerce.ledger.chart import ACTIVE, DISPUTED, Kind

Status = Fee.Status
ClosedAs = Fee.ClosedAs


class Verb(StrEnum):
    """What can be done, by the name of the file in this package that does it."""

    ASSESS = "assess"
    ACCRUE = "accrue"
    PAY = "pay"
    WAIVE = "waive"
    DISPUTE = "dispute"
    RESTORE = "restore"
    REFUND = "refund"
    CORRECT = "correct"
    EXPORT = "export"
    SETTLE = "settle"
    TAKE_BACK_EXPORT = "take_back_export"
    TAKE_BACK_PAYMENT = "take_back_payment"
    LINK_ITEM = "link_item"


ALLOWED_IN: dict[Verb, frozenset[Status]] = {
    Verb.ACCRUE: frozenset({Status.ACTIVE, Status.CLOSED}),
    Verb.PAY: frozenset({Status.ACTIVE}),
    Verb.WAIVE: frozenset({Status.ACTIVE, Status.INDISPUTE}),
    Verb.DISPUTE: frozenset({Status.ACTIVE}),
    Verb.RESTORE: frozenset({Status.INDISPUTE}),
    Verb.REFUND: frozenset({Status.ACTIVE, Status.INDISPUTE, Status.CLOSED}),
    Verb.CORRECT: frozenset({Status.ACTIVE, Status.INDISPUTE, Status.CLOSED}),
    Verb.EXPORT: frozenset({Status.ACTIVE}),
    Verb.SETTLE: frozenset({Status.EXPORTED}),
    Verb.TAKE_BACK_EXPORT: frozenset({Status.EXPORTED, Status.CLOSED}),
    Verb.TAKE_BACK_PAYMENT: frozenset({Status.EXPORTED, Status.CLOSED}),
    Verb.LINK_ITEM: frozenset(Status),
}

_ENDS: dict[Kind, ClosedAs] = {
    Kind.PAYMENT: ClosedAs.PAID,
    Kind.WAIVE: ClosedAs.WAIVED,
    Kind.EXPORT: ClosedAs.EXPORTED,
    Kind.CORRECTION: ClosedAs.CORRECTED,
    Kind.REDUCTION: ClosedAs.REDUCED,
    Kind.REFUND: ClosedAs.PAID,
    Kind.PAYMENT_RECEIVED: ClosedAs.COLLECTED,
}


def check_status(fee: Fee, verb: Verb) -> None:
    """Raise ``StatusForbids`` unless the status of ``fee`` allows ``verb``."""
    if fee.status not in ALLOWED_IN[verb]:
        raise StatusForbids(verb, fee.pk, fee.status)


def check_debt(fee: Fee, verb: Verb) -> None:
    """Raise ``CreditForbids`` for a CREDIT, ``StatusForbids`` unless the status allows ``verb``."""
    if fee.is_credit:
        raise CreditForbids(verb, fee.pk)
    check_status(fee, verb)


def status_after(fee: Fee, kind: Kind, debit: str, *, is_shown_by_credit: bool = False) -> tuple[Status, str]:
    """Status and ``closed_as`` of ``fee`` once a transfer of ``kind`` to ``debit`` has been added to its amounts.

    ``is_shown_by_credit``: the transfer is of the bursar's money and names a CREDIT that shows it, so that the fee and
    the CREDIT stay Transferred, being paid (``seeds/bursar-behaviour.txt``, row D5). Such a CREDIT is closed when that
    payment is taken back.
    """
    if fee.transferred_minor:
        return Status.EXPORTED, ""
    if fee.remaining_minor == 0:
        stays_paid = fee.status == Status.EXPORTED and fee.closed_as and kind is not Kind.CORRECTION
        if is_shown_by_credit or stays_paid:
            return Status.EXPORTED, ClosedAs.PAID
        return Status.CLOSED, _closed_as(fee, kind)
    if debit == DISPUTED and not fee.is_credit:
        return Status.INDISPUTE, ""
    if debit == ACTIVE or fee.status in (Status.CLOSED, Status.EXPORTED):
        return Status.ACTIVE, ""
    return Status(fee.status), ""


def _closed_as(fee: Fee, kind: Kind) -> str:
    """Once closed, a refund or its correction changes nothing of how it was settled."""
    if fee.status == Status.CLOSED:
        return fee.closed_as
    if fee.is_credit and kind is Kind.PAYMENT:
        return ClosedAs.CREDITED
    return _ENDS.get(kind, ClosedAs.PAID)
