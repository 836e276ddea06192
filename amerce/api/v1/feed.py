"""The event feed: everything that happened, in the order of its ids, for programs that catch up."""

from typing import Any

from django.http.response import HttpResponseBase
from ninja import Schema

from amerce.api.call import Call, called
from amerce.api.v1.answers import answer, mark_of, moment, text_of
from amerce.api.v1.interface import api
from amerce.api.v1.schemas import REFUSALS, PageSize
from amerce.events.queries import feed, settled_until


class EventOut(Schema):
    id: str
    name: str
    at: str
    actor: str
    patron: str | None
    library: str | None
    desk: str | None
    data: dict[str, Any]


class EventsOut(Schema):
    events: list[EventOut]
    next: str


@api.get("/events", response={200: EventsOut, **REFUSALS}, tags=["Events"], summary="Follow what happens")
@called("events:read")
def list_events(call: Call, after: str = "", name: str = "", limit: PageSize = 100) -> HttpResponseBase:
    """By id. Ask for ``after=next`` the next time: an event may then come again, under the same id, and none is lost.

    ``name`` is an event's name, or the beginning of one that ends with a dot: ``fee.``. A key of one library is told
    what was done there.
    """
    last = mark_of(after)
    found = list(feed(call.institution.pk, last, name, call.actor.bound_to_library_id)[:limit])
    shown = [
        {
            "id": str(each.pk),
            "name": each.name,
            "at": moment(each.at),
            "actor": each.actor_name,
            "patron": text_of(each.patron_id),
            "library": text_of(each.library_id),
            "desk": text_of(each.desk_id),
            "data": each.data,
        }
        for each in found
    ]
    return answer({"events": shown, "next": str(settled_until(found, last, call.at))})
