"""Cancelling a request, with a word to the patron if somebody wants (row A12)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.request import COMMENT_LIMIT
from amerce.circulation.errors import LoanNotFound, RequestNotFound
from amerce.circulation.locked import LockedLoans, lock_loans
from amerce.circulation.models import Loan, Request
from amerce.circulation.recall import take_back_recall
from amerce.events.record import record
from amerce.inputs.checks import checked_text, possible_ids
from amerce.patrons.notes import write_note


@dataclass(frozen=True)
class CancelledRequest:
    """``restored_due_at`` is when the copy on loan is due again, if its recall was taken back."""

    request: Request
    restored_due_at: datetime | None


def cancel_request(
    *, actor: Actor, at: datetime, patron_id: int, request_id: int, note: str = "", notify: bool = True
) -> CancelledRequest:
    """End an open request of the patron. ``notify`` asks for a letter, ``note`` is a sentence of it.

    A recall that nobody else waits for is taken back: the loan is due when it was, and costs what it would have
    without. Raises ``NotAllowed``, ``TextTooLong``, ``NoTerms`` and ``circulation.errors.RequestNotFound``.
    """
    require(actor, Privilege.REQUEST_CANCEL)
    words = checked_text("note", note.strip(), COMMENT_LIMIT)
    with transaction.atomic():
        recalled = _lock_recalled(actor, at, patron_id, request_id)
        open_requests = Request.objects.select_for_update().filter(
            institution_id=actor.institution_id, patron_id__in=possible_ids([patron_id]), closed_at=None
        )
        request = open_requests.filter(pk__in=possible_ids([request_id])).first()
        if request is None:
            raise RequestNotFound(request_id)
        request.closed_at = request.cancelled_at = at
        request.save(update_fields=["closed_at", "cancelled_at"])
        kept = write_note(institution_id=actor.institution_id, patron_id=patron_id, text=words)
        data = {"request": request.pk, "item": request.item_id, "notify": notify, "note": kept.pk if kept else None}
        record("request.cancelled", actor=actor, at=at, patron_id=patron_id, data=data)
        if recalled is not None and not _is_awaited(request):
            take_back_recall(*recalled, request)
            return CancelledRequest(request, restored_due_at=recalled[1].due_at)
        return CancelledRequest(request, restored_due_at=None)


def _lock_recalled(actor: Actor, at: datetime, patron_id: int, request_id: int) -> tuple[LockedLoans, Loan] | None:
    """The loan that was recalled for the request or for another of the same item, with the account of its borrower.

    Before the request is locked: accounts come first in every command.
    """
    requests = Request.objects.filter(
        institution_id=actor.institution_id,
        patron_id__in=possible_ids([patron_id]),
        pk__in=possible_ids([request_id]),
        closed_at=None,
    )
    recalled = Loan.objects.filter(
        institution_id=actor.institution_id,
        item__in=requests.values("item"),
        returned_at=None,
        closed_at=None,
        recalled_at__isnull=False,
    )
    found = recalled.first()
    if found is None:
        return None
    try:
        locked = lock_loans(actor, at, found.borrower_id, [found.pk])
    except LoanNotFound:  # it came back just now
        return None
    loan = locked.loans[found.pk]
    return (locked, loan) if loan.is_out and loan.recalled_at is not None else None


def _is_awaited(request: Request) -> bool:
    waiting = Request.objects.filter(institution_id=request.institution_id, item_id=request.item_id, closed_at=None)
    return waiting.exists()
