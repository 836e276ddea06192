"""Where the signed-in person works now, kept in the session.

Why checked on each request: a desk can be closed or belong to another institution than the account.
"""

from dataclasses import dataclass

from django.contrib.sessions.backends.base import SessionBase

from amerce.access.actors import Place
from amerce.institutions.queries import open_desks, open_libraries

_KEY = "place"


@dataclass(frozen=True)
class ChosenPlace:
    """A place with its words. ``desk_name`` is None for "not at desk"."""

    place: Place
    library_name: str
    desk_name: str | None


def chosen_place(session: SessionBase, institution_id: int) -> ChosenPlace | None:
    """The place in the session, if it is one of the institution's. At most one query."""
    kept = session.get(_KEY)
    if not kept:
        return None
    library_id, desk_id = kept
    return at_desk(institution_id, desk_id) if desk_id else not_at_desk(institution_id, library_id)


def at_desk(institution_id: int, desk_id: int) -> ChosenPlace | None:
    desk = open_desks(institution_id).filter(pk=desk_id).first()
    return ChosenPlace(Place(desk.library_id, desk.pk), desk.library.name, desk.name) if desk else None


def not_at_desk(institution_id: int, library_id: int) -> ChosenPlace | None:
    library = open_libraries(institution_id).filter(pk=library_id).first()
    return ChosenPlace(Place(library.pk, None), library.name, None) if library else None


def keep_place(session: SessionBase, place: Place) -> None:
    session[_KEY] = [place.library_id, place.desk_id]
