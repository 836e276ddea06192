"""A loan opened for a command: the patron's account locked first, then the fees of the loan, then the loan.

Why this order: charge commands lock the account first too, so no two commands wait for each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from amerce.access.actors import Actor
from amerce.charges.books import Books
from amerce.charges.loan_charge import of_loans
from amerce.charges.locks import lock_account
from amerce.charges.models import Fee
from amerce.circulation.errors import ItemNotFound, LoanNotFound
from amerce.circulation.models import Item, Loan, LoanSpell
from amerce.inputs.checks import can_be_stored, possible_ids
from amerce.sql import Select, insert, update


@dataclass
class LockedLoans:
    """The books of a patron with every fee of some loans, and those loans by id, until the end of the transaction."""

    books: Books
    loans: dict[int, Loan]

    def out(self, loan_id: int) -> Loan:
        """The loan, if it is on the patron's list. Raises ``LoanNotFound`` for one that was closed."""
        if self.loans[loan_id].closed_at is not None:
            raise LoanNotFound(loan_id)
        return self.loans[loan_id]


def lock_loans(actor: Actor, at: datetime, patron_id: int, loan_ids: Sequence[int]) -> LockedLoans:
    """Lock what a command on loans that are out, or were lost and closed, works on.

    Raises ``PatronNotFound`` for a patron of another institution, and ``LoanNotFound`` for a loan that is back or not
    this patron's.
    """
    account = lock_account(actor.institution_id, patron_id)
    ids = possible_ids(loan_ids)
    whose = (actor.institution_id, patron_id, ids)
    fees = {fee.pk: fee for fee in _FEES.rows(*whose)} if ids else {}
    loans = {loan.pk: loan for loan in _LOANS.rows(*whose)} if ids else {}
    for loan_id in loan_ids:
        if loan_id not in loans:
            raise LoanNotFound(loan_id)
    books = Books(actor=actor, at=at, institution=account.institution, account=account, fees=fees)
    return LockedLoans(books, loans)


def item_of(actor: Actor, barcode: str) -> Item:
    """The item with ``barcode`` in the actor's institution. Raises ``ItemNotFound``."""
    wanted = barcode.strip()
    item = _ITEM.first(actor.institution_id, wanted) if can_be_stored(wanted) else None
    if item is None:
        raise ItemNotFound(barcode)
    return item


def begin_spell(loan: Loan, kind: LoanSpell.Kind, began_at: datetime, ended_at: datetime | None = None) -> None:
    """Remember a stretch of the loan's life that its fine depends on."""
    insert(
        [
            LoanSpell(
                institution_id=loan.institution_id, loan_id=loan.pk, kind=kind, began_at=began_at, ended_at=ended_at
            )
        ]
    )


def end_spell(loan: Loan, at: datetime) -> LoanSpell | None:
    """End the spell that is open, not before it began; None if there is none."""
    spell = LoanSpell.objects.filter(institution_id=loan.institution_id, loan=loan, ended_at=None).first()
    if spell is not None:
        spell.ended_at = max(at, spell.began_at)
        update(spell, ("ended_at",))
    return spell


_ITEM = Select(lambda institution_id, barcode: Item.objects.filter(institution_id=institution_id, barcode=barcode))
_LOANS = Select(
    lambda institution_id, patron_id, ids: (
        Loan.objects.select_for_update(of=("self",))
        .select_related("item", "patron")
        .filter(institution_id=institution_id, patron_id=patron_id, pk__in=ids, returned_at=None)
        .order_by("pk")
    )
)
_FEES = Select(
    lambda institution_id, patron_id, ids: (
        Fee.objects.select_for_update(of=("self",))
        .select_related("type")
        .filter(of_loans(ids), institution_id=institution_id, patron_id=patron_id)
        .order_by("pk")
    )
)
