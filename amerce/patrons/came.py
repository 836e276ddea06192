"""Who came to the desk in the patron's place, for the event of a command that nobody is kept from (row F1)."""

from amerce.access.actors import Actor
from amerce.patrons.models import Proxy


def came_for(actor: Actor, patron_id: int, proxy_id: int | None) -> dict[str, int]:
    """What goes into the data of the event: nothing when the patron came (``proxy_id`` None), or who is no proxy.

    Lending asks more of a proxy and refuses (``circulation/proxies.py``).
    """
    if proxy_id is None:
        return {}
    rows = Proxy.objects.filter(institution_id=actor.institution_id, patron_id=patron_id, proxy_id=proxy_id)
    return {"proxy": proxy_id} if rows.exists() else {}
