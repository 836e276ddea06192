"""Locking a patron's account and then fees by id: the one order in which charge commands lock.

Why one order: two commands that lock the same rows in different orders wait for each other for ever.
"""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from amerce.charges.errors import FeeNotFound
from amerce.charges.models import Fee
from amerce.charges.request import possible_ids
from amerce.ledger.models import PatronAccount
from amerce.patrons.models import Patron
from amerce.patrons.queries import PatronNotFound
from amerce.sql import Select


def lock_account(institution_id: int, patron_id: int) -> PatronAccount:
    """The account with its institution, made for a patron who never was charged. Raises ``PatronNotFound``."""
    if not possible_ids([patron_id]):
        raise PatronNotFound(patron_id)
    account = _ACCOUNT.first(institution_id, patron_id)
    if account is None:
        if not Patron.objects.filter(institution_id=institution_id, pk=patron_id).exists():
            raise PatronNotFound(patron_id)
        PatronAccount.objects.bulk_create(
            [PatronAccount(institution_id=institution_id, patron_id=patron_id)], ignore_conflicts=True
        )
        (account,) = _ACCOUNT.rows(institution_id, patron_id)
    return account


def lock_fees(institution_id: int, patron_id: int, fee_ids: Sequence[int], also: Q | None) -> dict[int, Fee]:
    """By id: the fees with the credits bound to them, and all that match ``also``. Raises ``FeeNotFound``."""
    fees: dict[int, Fee] = {}
    whose, ids = (institution_id, patron_id), possible_ids(fee_ids)
    if ids or also is not None:
        rows = _FEES.rows(*whose, ids) if also is None else _fees(*whose, _with_bound(ids) | also)
        fees = {fee.pk: fee for fee in rows}
    for fee_id in fee_ids:
        if fee_id not in fees:
            raise FeeNotFound(fee_id)
    return fees


def _with_bound(fee_ids: Sequence[int]) -> Q:
    return Q(pk__in=fee_ids) | Q(bound_to__in=fee_ids)


def _fees(institution_id: int, patron_id: int, wanted: Q) -> QuerySet[Fee]:
    locked = Fee.objects.select_for_update(of=("self",)).select_related("type")
    return locked.filter(wanted, institution_id=institution_id, patron_id=patron_id).order_by("pk")


_ACCOUNT = Select(
    lambda institution_id, patron_id: (
        PatronAccount.objects.select_for_update(of=("self",))
        .select_related("institution")
        .filter(institution_id=institution_id, patron_id=patron_id)
    )
)
_FEES = Select(lambda institution_id, patron_id, ids: _fees(institution_id, patron_id, _with_bound(ids)))
