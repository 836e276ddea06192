"""A lost loan under lock, and whether anything of what the loss cost is owed still (row A11)."""

from dataclasses import dataclass
from datetime import datetime

from amerce.access.actors import Actor
from amerce.charges.books import Books, open_books
from amerce.charges.loan_charge import of_loans
from amerce.charges.models import LOST_TYPES, Fee
from amerce.circulation.models import Loan

_VOID = (Fee.ClosedAs.CORRECTED, Fee.ClosedAs.REDUCED)


@dataclass(frozen=True)
class LostLoan:
    """The account, then the loan, locked until the end of the transaction."""

    books: Books
    loan: Loan

    @property
    def is_settled(self) -> bool:
        """Whether there were lost charges and all were paid, waived or exported, unused bound credits counted in."""
        return bool(self._charges) and not self.owed_minor

    @property
    def owed_minor(self) -> int:
        """What is open here of the lost charges, also while it is disputed."""
        return sum(self.books.payable_minor(fee) for fee in self._charges)

    @property
    def _charges(self) -> list[Fee]:
        """Without what was taken back as a whole: it was never to be paid."""
        fees = [fee for fee in self.books.fees.values() if fee.loan_id == self.loan.pk]
        return [fee for fee in fees if fee.type.code in LOST_TYPES and fee.closed_as not in _VOID]


def lock_lost_loan(actor: Actor, at: datetime, loan_id: int) -> LostLoan | None:
    """The loan, if it is lost and not back yet, whether it is on its patron's list or not."""
    lost = Loan.objects.filter(
        institution_id=actor.institution_id, pk=loan_id, status=Loan.Status.LOST, returned_at=None, patron__isnull=False
    )
    patron_id = lost.values_list("patron_id", flat=True).first()
    if patron_id is None:
        return None
    books = open_books(actor=actor, at=at, patron_id=patron_id, also=of_loans([loan_id]))
    loan = lost.select_for_update(of=("self",)).first()
    return LostLoan(books, loan) if loan else None
