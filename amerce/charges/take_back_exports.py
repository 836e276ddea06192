"""Taking back exports that never reached the bursar (row D1): by new transfers that name the old ones.

Why not ``correct``: a clerk at the desk never takes back what the bursar may have; only the run that exported knows
that nothing was delivered.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.books import Books
from amerce.charges.draft import Move
from amerce.charges.loan_charge import take_off_excess
from amerce.charges.many_books import open_many_books
from amerce.charges.models import Fee
from amerce.charges.states import ALLOWED_IN, Verb
from amerce.institutions.models import Institution
from amerce.ledger.chart import Kind
from amerce.ledger.models import Transfer
from amerce.sql import among

CORRECTED = "transfer.corrected"
_EXPORTS = (Kind.EXPORT, Kind.EXPORTED_AND_PAID)


def take_back_exports(
    *, actor: Actor, at: datetime, institution: Institution, transfer_ids: Sequence[int]
) -> dict[int, int]:
    """Take back the exports ``transfer_ids`` of many patrons, so that their fees are active again; by the id of each
    that was taken back the id of its correction.

    One that was taken back before is left out, and so is one whose fee moved since: what was paid at the bursar, or
    given back as a credit because a lost item was found, stands. Raises ``NotAllowed``.
    """
    require(actor, Privilege.FEE_EXPORT)
    rows = Transfer.objects.filter(
        among("pk", transfer_ids), institution_id=institution.pk, kind__in=_EXPORTS, corrected_by=None
    )
    exports = list(rows.select_related("account").order_by("pk"))
    with transaction.atomic():
        many = open_many_books(
            actor=actor,
            at=at,
            institution=institution,
            patron_ids={row.account.patron_id for row in exports},
            fee_ids=[row.fee_id for row in exports],
        )
        taken_meanwhile = set(
            Transfer.objects.filter(
                among("corrects_id", [row.pk for row in exports]), institution_id=institution.pk
            ).values_list("corrects_id", flat=True)
        )
        moves = {}
        touched: dict[int, list[Fee]] = {}
        for row in exports:
            books = many.of[row.account.patron_id]
            fee = books.fees[row.fee_id]
            if row.pk in taken_meanwhile or not _stands_exported(fee, row):
                continue
            moves[row.pk] = _take_back(books, fee, row)
            touched.setdefault(row.account.patron_id, []).append(fee)
        for patron_id, fees in touched.items():
            books = many.of[patron_id]
            for fee in fees:
                take_off_excess(books, fee)
            many.enter(books, CORRECTED)
        transfers = many.close()
    return {export_id: transfers[move] for export_id, move in moves.items()}


def _stands_exported(fee: Fee, row: Transfer) -> bool:
    """Whether the fee is as the export left it."""
    if fee.status not in ALLOWED_IN[Verb.TAKE_BACK_EXPORT] or fee.credited_minor > fee.paid_minor - fee.refunded_minor:
        return False
    if row.kind == Kind.EXPORT:
        return fee.closed_as == Fee.ClosedAs.EXPORTED
    return abs(fee.transferred_minor) == row.amount_minor


def _take_back(books: Books, fee: Fee, row: Transfer) -> Move:
    books.move(
        Kind.CORRECTION,
        debit=row.credit,
        credit=row.debit,
        amount_minor=row.amount_minor,
        fee=fee,
        credit_fee=fee if fee.is_credit else None,
        corrected_kind=Kind(row.kind),
        corrects_id=row.pk,
    )
    return books.draft.moves[-1]
