"""Cancelling a request, with a word to the patron if somebody wants (row A12)."""

from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.request import COMMENT_LIMIT
from amerce.circulation.errors import RequestNotFound
from amerce.circulation.models import Request
from amerce.events.record import record
from amerce.inputs.checks import checked_text, possible_ids
from amerce.patrons.notes import write_note


def cancel_request(
    *, actor: Actor, at: datetime, patron_id: int, request_id: int, note: str = "", notify: bool = True
) -> Request:
    """End an open request of the patron. ``notify`` asks for a letter, ``note`` is a sentence of it.

    Raises ``NotAllowed``, ``TextTooLong`` and ``circulation.errors.RequestNotFound``.
    """
    require(actor, Privilege.REQUEST_CANCEL)
    words = checked_text("note", note.strip(), COMMENT_LIMIT)
    with transaction.atomic():
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
        return request
