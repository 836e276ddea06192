"""Writing a note on a loan: the green mark beside it (row A5)."""

from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.request import COMMENT_LIMIT
from amerce.circulation.errors import LoanNotFound, NoteEmpty
from amerce.circulation.models import Loan, LoanNote
from amerce.events.record import record
from amerce.inputs.checks import checked_text, possible_ids


def add_loan_note(*, actor: Actor, at: datetime, patron_id: int, loan_id: int, text: str) -> LoanNote:
    """Keep ``text`` on a loan of the patron, also one that came back.

    Raises ``NotAllowed``, ``TextTooLong`` and of ``circulation.errors``: ``LoanNotFound``,
    ``NoteEmpty``.
    """
    require(actor, Privilege.LOAN_NOTE)
    words = checked_text("text", text.strip(), COMMENT_LIMIT)
    if not words:
        raise NoteEmpty
    with transaction.atomic():
        mine = Loan.objects.filter(institution_id=actor.institution_id, patron_id__in=possible_ids([patron_id]))
        if not mine.filter(pk__in=possible_ids([loan_id])).exists():
            raise LoanNotFound(loan_id)
        note = LoanNote.objects.create(
            institution_id=actor.institution_id, loan_id=loan_id, text=words, created_at=at, created_by=actor.name
        )
        data = {"loan": loan_id, "note": note.pk}
        record("loan.noted", actor=actor, at=at, patron_id=patron_id, data=data)
        return note
