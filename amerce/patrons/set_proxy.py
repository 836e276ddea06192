"""Letting one patron borrow for another (row F1)."""

from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.patrons.errors import AlreadyProxy, GroupNotProxy, ProxyOfSelf
from amerce.patrons.models import Patron, Proxy
from amerce.patrons.queries import PatronNotFound
from amerce.patrons.record import RecordOutcome, close_record, lock_record


def set_proxy(*, actor: Actor, at: datetime, patron_id: int, expected_seq: int, proxy_id: int) -> RecordOutcome:
    """``proxy_id`` may from now on borrow for ``patron_id``. Raises ``NotAllowed``, ``PatronNotFound``,
    ``RecordChanged``, ``ProxyOfSelf``, ``GroupNotProxy``, ``AlreadyProxy``."""
    require(actor, Privilege.PATRON_EDIT)
    with transaction.atomic():
        patron = lock_record(actor, patron_id, expected_seq)
        if proxy_id == patron_id:
            raise ProxyOfSelf
        proxy = Patron.objects.filter(institution_id=actor.institution_id, pk=proxy_id).select_related("group").first()
        if proxy is None:
            raise PatronNotFound(proxy_id)
        if proxy.group is None or not proxy.group.is_proxy:
            raise GroupNotProxy
        row, is_new = Proxy.objects.get_or_create(
            institution_id=actor.institution_id,
            patron=patron,
            proxy=proxy,
            defaults={"created_at": at, "created_by": actor.name},
        )
        if not is_new:
            raise AlreadyProxy
        return close_record(patron, "patron.proxy_set", actor=actor, at=at, data={"proxy": proxy.pk}, row_id=row.pk)
