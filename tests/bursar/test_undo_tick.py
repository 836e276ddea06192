"""A tick is undone: the line waits for a hand again (row D7)."""

from datetime import timedelta

import pytest

from amerce.access.can import NotAllowed
from amerce.bursar.models import BursarTick
from amerce.bursar.reconciliation import ticked_payments, unmatched_payments
from amerce.bursar.tick_off import Ticked
from amerce.bursar.undo_tick import undo_tick
from amerce.events.models import Event
from amerce.inputs.errors import RowNotFound
from tests.bursar.desk import Clerk
from tests.bursar.test_tick_off import no_tick, tick, unmatched
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]

LATER = NOON + timedelta(hours=1)


def test_the_line_waits_again_and_the_event_says_what_had_been_said(clerk: Clerk) -> None:
    line = unmatched(clerk)
    tick(clerk, line)

    done = undo_tick(actor=clerk.clerk, at=LATER, line_id=line.pk)

    assert (done, BursarTick.objects.count()) == (Ticked(line.pk, replayed=False), 0)
    assert line.pk in unmatched_payments(clerk.clerk).values_list("pk", flat=True)
    assert not ticked_payments(clerk.clerk).exists()
    event = Event.objects.get(name="bursar_line.tick_undone")
    assert event.data == {
        "import": line.file_id, "line": 1, "note": "Refunded by the bursar", "ticked_by": clerk.clerk.name,
    }  # fmt: skip
    tick(clerk, line, "Booked by hand after all")
    assert BursarTick.objects.get().note == "Booked by hand after all"


def test_undone_twice_it_is_undone_once(clerk: Clerk) -> None:
    line = unmatched(clerk)

    with no_tick():
        assert undo_tick(actor=clerk.clerk, at=LATER, line_id=line.pk) == Ticked(line.pk, replayed=True)


def test_who_may_not_import_undoes_no_tick(clerk: Clerk) -> None:
    line = unmatched(clerk)
    tick(clerk, line)

    with no_tick(), pytest.raises(NotAllowed):
        undo_tick(actor=clerk.library.staff("auditor"), at=LATER, line_id=line.pk)


def test_a_tick_of_another_institution_is_not_there(clerk: Clerk) -> None:
    line = unmatched(clerk)
    tick(clerk, line)
    theirs = Library.new("NEXT").staff("bursar_clerk")

    with no_tick(), pytest.raises(RowNotFound):
        undo_tick(actor=theirs, at=LATER, line_id=line.pk)
