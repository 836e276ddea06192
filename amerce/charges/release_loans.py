"""Letting go of loans that are about to be purged: their fees keep the dates (row E3).

Why only then: while a loan is there, its dates can still change, and one place says them.
"""

from collections.abc import Collection
from typing import cast

from django.db.models import Model, OuterRef, QuerySet, Subquery

from amerce.charges.models import Fee

_DATES = ("loaned_at", "due_at", "returned_at")


def release_loans(institution_id: int, loan_ids: Collection[int]) -> int:
    """Give the fees of the loans their dates and take the link away; how many fees. No money moves.

    Called in the transaction that deletes the loans, by a job that asked whether it may. One statement.
    """
    loans: QuerySet[Model] = QuerySet(cast(type[Model], Fee._meta.get_field("loan").related_model))
    mine = loans.filter(pk=OuterRef("loan_id"))
    fees = Fee.objects.filter(institution_id=institution_id, loan__in=loan_ids)
    return fees.update(**{name: Subquery(mine.values(name)) for name in _DATES}, loan=None)
