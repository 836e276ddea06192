"""Who stood at the desk for the patron (row F1): loans and what they cost are the patron's, the event says who came."""

from datetime import datetime

from amerce.access.actors import Actor
from amerce.circulation.errors import NotProxy
from amerce.institutions.days import local_day
from amerce.patrons.models import Patron, Proxy


def who_came(actor: Actor, at: datetime, patron_id: int, proxy_id: int | None) -> dict[str, int]:
    """What goes into the data of the event of a command: nothing when the patron came (``proxy_id`` None).

    Raises ``NotProxy`` for who is no proxy of the patron, or has an inactive or expired record.
    """
    if proxy_id is None:
        return {}
    rows = Proxy.objects.filter(institution_id=actor.institution_id, patron_id=patron_id, proxy_id=proxy_id)
    row = rows.select_related("proxy__institution").first()
    if row is None or not _is_valid(row.proxy, at):
        raise NotProxy(patron_id, proxy_id)
    return {"proxy": proxy_id}


def _is_valid(proxy: Patron, at: datetime) -> bool:
    has_expired = proxy.expires_on is not None and proxy.expires_on < local_day(at, proxy.institution.zone)
    return proxy.status == Patron.Status.ACTIVE and not has_expired
