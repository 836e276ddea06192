"""Recalling a loan: somebody waits for the copy, so it is due earlier (row A12)."""

from datetime import datetime, timedelta

from amerce.access.actors import Actor
from amerce.circulation.due import end_of_open_day
from amerce.circulation.models import Loan, Request
from amerce.circulation.opening import openings
from amerce.circulation.terms import terms_of_loan
from amerce.events.record import record
from amerce.institutions.days import local_day

_WRITTEN = ("status", "due_at", "recalled_at")


def recall(actor: Actor, at: datetime, loan: Loan, request: Request) -> None:
    """Ask for the copy: it is due as many days from now as the terms leave, unless it was due before.

    On a ``loan`` that is locked already, and without a privilege of its own: the command that placed ``request`` asked.
    A loan that is recalled, lost or claimed returned stays as it is, and so does one whose terms recall nothing.
    Raises ``NoTerms``.
    """
    if loan.status not in (Loan.Status.NORMAL, Loan.Status.RENEW):
        return
    terms = terms_of_loan(loan)
    if not terms.recall_length:
        return
    zone = loan.institution.zone
    opening = openings(loan.institution_id, [loan.library_id])[loan.library_id]
    due_at = end_of_open_day(local_day(at, zone) + timedelta(days=terms.recall_length), zone=zone, opening=opening)
    loan.due_at, loan.recalled_at, loan.status = min(loan.due_at, due_at), at, Loan.Status.RECALL
    loan.save(update_fields=_WRITTEN)
    data = {"loan": loan.pk, "request": request.pk, "due_at": loan.due_at.isoformat()}
    record("loan.recalled", actor=actor, at=at, patron_id=loan.patron_id, data=data)
