import pytest

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.privileges import Privilege
from amerce.events.models import Event
from amerce.jobs.claim import claim_run
from amerce.jobs.enqueue import enqueue
from amerce.jobs.models import RunEventRow
from amerce.jobs.runner import run_slice, run_to_end
from tests.jobs import counting
from tests.jobs.running import queue, run
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.money, pytest.mark.usefixtures("counting_jobs")]


def told() -> list[tuple[int, str, str, int]]:
    rows = RunEventRow.objects.order_by("number")
    return [(each.number, each.level, each.code, each.data["number"]) for each in rows]


def test_what_slices_tell_is_kept_in_the_order_it_happened(library):
    ended = run(library, "say", to="3")

    assert told() == [
        (1, "warning", "count.counted", 1),
        (2, "info", "count.counted", 2),
        (3, "warning", "count.counted", 3),
    ]
    assert (ended.event_count, ended.warning_count, ended.error_count) == (3, 2, 0)
    assert set(RunEventRow.objects.values_list("institution", "run", "at")) == {
        (library.institution.pk, ended.pk, NOON)
    }


def test_a_slice_that_is_undone_has_told_nothing(library):
    queued = claim_run(queue(library, "say", to="5").pk, worker="one", now=NOON)
    run_slice(queued, worker="one", clock=lambda: NOON)
    counting.stumbles.append(ValueError("the number is cursed"))

    ended = run_to_end(queued, worker="one", clock=lambda: NOON)

    assert (ended.state, ended.event_count) == ("failed", 2)
    assert [each[3] for each in told()] == [1, 2]


def test_a_run_that_was_cut_off_tells_nothing_twice(library):
    queued = claim_run(queue(library, "say", to="5").pk, worker="one", now=NOON)
    run_slice(queued, worker="one", clock=lambda: NOON)
    counting.stumbles.append(counting.locked())

    run_to_end(queued, worker="one", clock=lambda: NOON)

    assert [each[3] for each in told()] == [1, 2, 3, 4, 5]


def test_a_slice_acts_for_who_started_the_run_with_the_privileges_of_the_job_alone(library):
    starter = library.manager
    queued = claim_run(enqueue(actor=starter, at=NOON, name="say", given={}).pk, worker="one", now=NOON)

    run_to_end(queued, worker="one", clock=lambda: NOON)

    event = Event.objects.filter(name="test.counted").first()
    assert (event.actor_id, event.actor_name) == (starter.account_id, starter.name)
    assert (event.library_id, event.desk_id) == (library.library.pk, library.desk.pk)
    assert event.data["privileges"] == [Privilege.FEE_ACCRUE]


def test_a_slice_acts_for_the_program_that_started_the_run(library):
    grants = {Privilege.FEE_WAIVE: frozenset({EVERYWHERE})}
    program = Actor(None, library.institution.pk, "Portal", None, grants, is_application=True)
    queued = claim_run(enqueue(actor=program, at=NOON, name="say", given={"to": "1"}).pk, worker="one", now=NOON)

    run_to_end(queued, worker="one", clock=lambda: NOON)

    event = Event.objects.get(name="test.counted")
    assert (event.actor_id, event.actor_name, event.library_id) == (None, "Portal", None)
    assert event.data["privileges"] == [Privilege.FEE_ACCRUE]


def test_in_other_jobs_and_without_an_account_the_system_acts(library):
    run(library, "say", to="1")
    administrator = library.staff("general_system_administrator")
    queued = claim_run(enqueue(actor=administrator, at=NOON, name="count", given={}).pk, worker="one", now=NOON)
    run_to_end(queued, worker="one", clock=lambda: NOON)

    names = Event.objects.filter(name="test.counted").values_list("actor_id", "actor_name", "library_id")
    assert set(names) == {(None, "job say", None), (None, "job count", None)}
