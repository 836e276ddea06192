"""The chart of accounts. A ledger account is a text: ``patron:active``, ``income:OVERDUEFINE``.

Why texts and not rows: the chart follows from fee types, payment methods and waive reasons, which are code
tables already; a second list of them could only disagree.
"""

from django.db import models

ACTIVE = "patron:active"
"""What patrons owe and can pay."""
DISPUTED = "patron:disputed"
"""What patrons owe in principle, frozen while disputed."""
TRANSFERRED = "patron:transferred"
"""What the bursar collects for the library and reports back."""
CREDIT = "patron:credit"
"""What the library owes to patrons: credits not used yet."""
BURSAR = "bursar"
"""What was handed over to the bursar for good, or paid there."""

RECEIVABLES = frozenset({ACTIVE, DISPUTED, TRANSFERRED})
"""Accounts of which one side of a transfer changes the fee that it is about."""

INCOME, TAKEN, WAIVED, REFUNDED = PREFIXES = ("income:", "method:", "waived:", "refunded:")
"""How the accounts begin that follow from the code tables."""


class Kind(models.TextChoices):
    """Why money moved: ``CHARGE``, ``REDUCTION`` (ADR 0012), and the codes of Alma's FineFeeTransactionType."""

    CHARGE = "CHARGE"
    REDUCTION = "REDUCTION"
    PAYMENT = "PAYMENT"
    WAIVE = "WAIVE"
    DISPUTE = "DISPUTE"
    RESTORE = "RESTORE"
    CREDIT = "CREDIT"
    REFUND = "REFUND"
    CORRECTION = "CORRECTION"
    EXPORT = "EXPORT"
    EXPORTED_AND_PAID = "EXPORTED_AND_PAID"
    PAYMENT_RECEIVED = "PAYMENT_RECEIVED"


def income(fee_type_code: str) -> str:
    """What was charged for one fee type."""
    return INCOME + fee_type_code


def taken_by(method_code: str) -> str:
    """What came in by one payment method: the till, the card terminal."""
    return TAKEN + method_code


def waived_for(reason_code: str) -> str:
    """What was given up for one reason."""
    return WAIVED + reason_code


def refunded_by(method_code: str) -> str:
    """What was paid out by one method."""
    return REFUNDED + method_code
