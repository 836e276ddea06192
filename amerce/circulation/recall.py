"""Recalling a loan: somebody waits for the copy, so it is due earlier; and taking that back (row A12)."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from amerce.access.actors import Actor
from amerce.charges import request as charges
from amerce.circulation.due import end_of_open_day
from amerce.circulation.locked import LockedLoans
from amerce.circulation.models import Loan, Request
from amerce.circulation.opening import openings
from amerce.circulation.overdue_charges import charge_lateness
from amerce.circulation.reckoning import OVERDUE_TYPES, reckon
from amerce.circulation.states import status_on_loan
from amerce.circulation.terms import terms_of_loan
from amerce.events.record import record
from amerce.institutions.days import local_day
from amerce.sql import update

_WRITTEN = ("status", "due_at", "recalled_at", "due_before_recall_at")


def recall(actor: Actor, at: datetime, loan: Loan, request: Request) -> bool:
    """Ask for the copy: it is due as many days from now as the terms leave, unless it was due before.

    On a ``loan`` that is locked already, and without a privilege of its own: the command that placed ``request`` asked.
    A loan that is recalled, lost or claimed returned stays as it is, and so does one whose terms recall nothing: False.
    Raises ``NoTerms``.
    """
    if loan.status not in (Loan.Status.NORMAL, Loan.Status.RENEW):
        return False
    terms = terms_of_loan(loan)
    if not terms.recall_length:
        return False
    zone = loan.institution.zone
    opening = openings(loan.institution_id, [loan.library_id])[loan.library_id]
    due_at = end_of_open_day(local_day(at, zone) + timedelta(days=terms.recall_length), zone=zone, opening=opening)
    loan.due_before_recall_at = loan.due_at
    loan.due_at, loan.recalled_at, loan.status = min(loan.due_at, due_at), at, Loan.Status.RECALL
    loan.save(update_fields=_WRITTEN)
    data = {"loan": loan.pk, "request": request.pk, "due_at": loan.due_at.isoformat()}
    record("loan.recalled", actor=actor, at=at, patron_id=loan.patron_id, data=data)
    return True


def take_back_recall(locked: LockedLoans, loan: Loan, request: Request) -> None:
    """Let a recalled loan that nobody waits for any more go on as if it had never been recalled. Closes the books.

    It is due when it was due before, also when that is past. What was charged of its lateness is brought to what it
    costs then, so a recall fine goes away. A loan that was recalled before its earlier due moment was kept stays due
    when it is. Raises ``NoTerms``.
    """
    books = locked.books
    loan.due_at = loan.due_before_recall_at or loan.due_at
    loan.recalled_at = loan.due_before_recall_at = None
    if loan.status == Loan.Status.RECALL:
        loan.status = status_on_loan(loan)
    if loan.due_at > books.at:
        loan.notices_sent = 0
    update(loan, (*_WRITTEN, "notices_sent"))
    if any(books.of_loan(loan.pk, each) for each in OVERDUE_TYPES):
        charge_lateness(books, reckon(books.institution, [loan]), loan, until=books.at, action=_("Recall cancelled"))
    data = {"loan": loan.pk, "request": request.pk, "due_at": loan.due_at.isoformat()}
    books.close(charges.Request(verb="take_back_recall", inputs={}), "loan.recall_cancelled", data)
