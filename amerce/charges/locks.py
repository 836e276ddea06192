"""Locking patrons' accounts and then fees by id: the one order in which charge commands lock.

Why one order: two commands that lock the same rows in different orders wait for each other for ever.
"""

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from amerce.charges.errors import FeeNotFound
from amerce.charges.models import Fee
from amerce.inputs.checks import possible_ids
from amerce.ledger.models import PatronAccount
from amerce.patrons.models import Patron
from amerce.patrons.queries import PatronNotFound
from amerce.sql import Ids, Select, among


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


def lock_accounts(institution_id: int, patron_ids: Collection[int]) -> list[PatronAccount]:
    """The accounts of many patrons, locked in the order of their patrons, without their institution.

    Those of patrons who never were charged are made first. Raises ``PatronNotFound``.
    """
    wanted = sorted(set(patron_ids))
    for patron_id in set(wanted).difference(possible_ids(wanted)):
        raise PatronNotFound(patron_id)
    there = {patron_id for (patron_id,) in _HAVE_ACCOUNTS.rows(institution_id, Ids(wanted))}
    if missing := sorted(set(wanted) - there):
        known = Patron.objects.filter(institution_id=institution_id, pk__in=missing).values_list("pk", flat=True)
        for patron_id in set(missing).difference(known):
            raise PatronNotFound(patron_id)
        PatronAccount.objects.bulk_create(
            [PatronAccount(institution_id=institution_id, patron_id=patron_id) for patron_id in missing],
            ignore_conflicts=True,
        )
    return _ACCOUNTS.rows(institution_id, Ids(wanted))


def lock_fees_of_loans(
    institution_id: int,
    patron_ids: Collection[int],
    loan_ids: Collection[int],
    fee_ids: Collection[int] = (),
    *,
    with_bound: bool = True,
) -> list[Fee]:
    """The fees of the loans, or those of ``fee_ids``, by id, then the credits bound to them; without those that are
    not the patrons'.

    Two statements and no join, so that each finds its rows by an index however many fees there are.
    """
    select, ids = (_FEES_BY["pk"], fee_ids) if fee_ids else (_FEES_BY["loan_id"], loan_ids)
    fees = [fee for fee in select.rows(institution_id, Ids(ids)) if fee.patron_id in patron_ids]
    if not fees or not with_bound:
        return fees
    known = {fee.pk for fee in fees}
    return fees + [fee for fee in _FEES_BY["bound_to_id"].rows(institution_id, Ids(known)) if fee.pk not in known]


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


def _accounts(institution_id: int, patron_ids: Sequence[int]) -> QuerySet[PatronAccount]:
    return PatronAccount.objects.filter(among("patron_id", patron_ids), institution_id=institution_id)


def _locked_by(column: str) -> Select[Fee]:
    locked = Fee.objects.select_for_update().order_by("pk")
    return Select(lambda institution_id, ids: locked.filter(among(column, ids), institution_id=institution_id))


_HAVE_ACCOUNTS: Select[Any] = Select(
    lambda institution_id, ids: _accounts(institution_id, ids).values_list("patron_id")
)
_ACCOUNTS = Select(lambda institution_id, ids: _accounts(institution_id, ids).select_for_update().order_by("patron_id"))
_FEES_BY = {column: _locked_by(column) for column in ("pk", "loan_id", "bound_to_id")}
_FEES = Select(lambda institution_id, patron_id, ids: _fees(institution_id, patron_id, _with_bound(ids)))
