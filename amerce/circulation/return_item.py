"""Taking a copy back, at any desk (row A10)."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.request import Request
from amerce.circulation.errors import BackdateRefused, LoanNotFound, NotOnLoan
from amerce.circulation.locked import LockedLoans, end_spell, item_of, lock_loans
from amerce.circulation.lost_charges import take_back_replacement
from amerce.circulation.models import Loan
from amerce.circulation.outcome import LoanOutcome
from amerce.circulation.overdue_charges import charge_lateness
from amerce.circulation.reckoning import reckon
from amerce.circulation.states import status_on_loan
from amerce.inputs.checks import can_be_stored
from amerce.sql import Select, update

_BACK = ("status", "returned_at", "returned_desk")


def return_item(
    *, actor: Actor, at: datetime, barcode: str, returned_at: datetime | None = None, loan_id: int | None = None
) -> LoanOutcome:
    """Take back the copy with ``barcode`` and charge what its lateness cost, or take back what it did not.

    ``returned_at`` dates the return back, for who may. A lost item that comes back was found: its replacement fee is
    taken back by the terms, also when the loan had left the list because all was settled. Whoever has the copy out
    now is who returned it, and a copy that was lent since was found without its loser. ``loan_id`` takes back that loan
    or none, for who chose it from a list that may be old. Raises ``NotAllowed``, ``NoTerms`` and
    of ``circulation.errors``: ``ItemNotFound``, ``NotOnLoan``, ``BackdateRefused``.
    """
    require(actor, Privilege.LOAN_RETURN)
    if returned_at is not None:
        require(actor, Privilege.LOAN_BACKDATE)
    with transaction.atomic():
        locked, loan = _lock(actor, at, barcode, loan_id)
        back_at = _checked(loan, at, returned_at)
        return bring_back(locked, loan, back_at)


def bring_back(locked: LockedLoans, loan: Loan, back_at: datetime) -> LoanOutcome:
    """End a loan that is locked, for who asked whether it may. Closes the books. Raises ``NoTerms``."""
    was = loan.status
    spell = end_spell(loan, back_at) if was in (Loan.Status.LOST, Loan.Status.CLAIMED_RETURN) else None
    loan.status = status_on_loan(loan)
    loan.returned_at, loan.returned_desk_id = back_at, locked.books.actor.desk_id
    update(loan, _BACK)
    if was == Loan.Status.LOST:
        take_back_replacement(locked.books, loan, spell, found_at=back_at)
    if locked.books.fees or back_at > loan.due_at or loan.renewals:
        reckoning = reckon(locked.books.institution, [loan], charged=bool(locked.books.fees))
        charge_lateness(locked.books, reckoning, loan, until=back_at, action=_("Item was returned"))
    data = {"loan": loan.pk, "item": loan.item_id, "returned_at": back_at.isoformat(), "was": was}
    money = locked.books.close(Request(verb="return_item", inputs={}), "loan.returned", data)
    return LoanOutcome(loan.pk, loan.borrower_id, loan.due_at, money=money)


def _lock(actor: Actor, at: datetime, barcode: str, loan_id: int | None) -> tuple[LockedLoans, Loan]:
    """The loan that is out, else the last one that was lost and closed, once nobody else can change it.

    Of another loan than ``loan_id`` nothing is said: it may be somebody else's.
    """
    wanted = barcode.strip()
    found = _BRINGABLE.first(actor.institution_id, wanted) if can_be_stored(wanted) else None
    if found is None or found.patron_id is None or loan_id not in (None, found.pk):
        raise _not_on_loan(actor, barcode)
    try:
        locked = lock_loans(actor, at, found.patron_id, [found.pk])
    except LoanNotFound as error:  # somebody else was quicker
        raise _not_on_loan(actor, barcode) from error
    return locked, locked.loans[found.pk]


def _not_on_loan(actor: Actor, barcode: str) -> NotOnLoan:
    item = item_of(actor, barcode)
    return NotOnLoan(item.pk, item.barcode)


def _checked(loan: Loan, at: datetime, returned_at: datetime | None) -> datetime:
    if returned_at is None:
        return at
    earliest = max(filter(None, (loan.loaned_at, loan.renewed_at)))
    if not earliest <= returned_at <= at:
        raise BackdateRefused(earliest)
    return returned_at


_LENT_SINCE = Loan.objects.filter(item=OuterRef("item"), loaned_at__gte=OuterRef("closed_at")).exclude(
    pk=OuterRef("pk")
)
_BRINGABLE = Select(
    lambda institution_id, barcode: (
        Loan.objects.filter(item__institution_id=institution_id, item__barcode=barcode, returned_at=None)
        .filter(Q(closed_at=None) | ~Exists(_LENT_SINCE))
        .order_by(F("closed_at").desc(nulls_first=True), "-pk")
    )
)
