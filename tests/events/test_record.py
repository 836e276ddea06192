import pytest

from amerce.events.models import Event
from amerce.events.record import record
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


def test_an_event_keeps_who_where_when_and_what(library: Library) -> None:
    actor = library.operator

    record("session.opened", actor=actor, at=NOON, patron_id=library.patron.pk, data={"type": "OTHER", "minor": 5})

    event = Event.objects.get()
    assert (event.name, event.at, event.institution_id) == ("session.opened", NOON, library.institution.pk)
    assert (event.actor_id, event.actor_name) == (actor.account_id, actor.name)
    assert (event.library_id, event.desk_id) == (library.library.pk, library.desk.pk)
    assert (event.patron_id, event.data) == (library.patron.pk, {"type": "OTHER", "minor": 5})
