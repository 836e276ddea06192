"""Sums over the transfers of a row, as the checks of the projections ask the database for them."""

from typing import Any

from django.db.models import BigIntegerField, Q, Sum
from django.db.models.functions import Coalesce

from amerce.ledger.chart import Kind


def sum_of(path: str, condition: Q, column: str = "amount_minor") -> Any:
    """What the transfers over ``path`` that match have in ``column``, zero for none."""
    return or_zero(Sum(f"{path}__{column}", filter=condition))


def moved(path: str, ledger_account: str) -> Any:
    """What the transfers debit an account less what they credit."""
    return sum_of(path, Q(**{f"{path}__debit": ledger_account})) - sum_of(
        path, Q(**{f"{path}__credit": ledger_account})
    )


def of_kind(path: str, kind: Kind, also: Q | None = None, column: str = "amount_minor") -> Any:
    """What was moved by a kind less what of it was corrected."""
    only = Q() if also is None else also
    corrected = Q(**{f"{path}__kind": Kind.CORRECTION, f"{path}__corrects__kind": kind})
    return sum_of(path, Q(**{f"{path}__kind": kind}) & only, column) - sum_of(path, corrected & only, column)


def or_zero(sum_or_null: Any) -> Coalesce:
    """The sum, or zero where nothing was summed."""
    return Coalesce(sum_or_null, 0, output_field=BigIntegerField())
