"""Taking from one patron that they may borrow for another."""

from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.patrons.errors import RowNotFound
from amerce.patrons.models import Proxy
from amerce.patrons.record import RecordOutcome, close_record, lock_record


def remove_proxy(*, actor: Actor, at: datetime, patron_id: int, expected_seq: int, proxy_id: int) -> RecordOutcome:
    """``proxy_id`` may no longer borrow for ``patron_id``. Raises ``NotAllowed``, ``PatronNotFound``,
    ``RecordChanged``, ``RowNotFound``."""
    require(actor, Privilege.PATRON_EDIT)
    with transaction.atomic():
        patron = lock_record(actor, patron_id, expected_seq)
        row = Proxy.objects.filter(patron=patron, proxy_id=proxy_id).first()
        if row is None:
            raise RowNotFound
        row_id = row.pk
        row.delete()
        return close_record(patron, "patron.proxy_removed", actor=actor, at=at, data={"proxy": proxy_id}, row_id=row_id)
