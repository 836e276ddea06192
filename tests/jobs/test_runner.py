from datetime import timedelta

import pytest

from amerce.events.models import Event
from amerce.jobs.claim import LEASE, claim, claim_run
from amerce.jobs.job import JobRefused
from amerce.jobs.runner import RunLost, run_slice, run_to_end
from tests.jobs import counting
from tests.jobs.running import queue, run
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.money, pytest.mark.usefixtures("counting_jobs")]


def counted() -> list[int]:
    return [each.data["number"] for each in Event.objects.filter(name="test.counted").order_by("pk")]


def test_a_run_goes_through_everything_once_and_ends(library):
    ended = run(library, "count", to="5")

    assert counted() == [1, 2, 3, 4, 5]
    assert (ended.state, ended.counts, ended.expected, ended.ended_at) == ("done", {"looked_at": 5}, 5, NOON)
    assert Event.objects.get(name="job.done").data == {"run": ended.pk, "job": "count", "looked_at": 5}


def test_progress_is_told_after_every_slice(library):
    told = []
    queued = claim_run(queue(library, "count", to="5").pk, worker="one", now=NOON)

    run_to_end(queued, worker="one", clock=lambda: NOON, on_progress=lambda run: told.append(run.counts["looked_at"]))

    assert told == [2, 4, 5]


def test_another_worker_goes_on_where_a_run_was_cut_off(library):
    queue(library, "count", to="5")
    first = claim(worker="one", now=NOON)
    run_slice(first, worker="one", clock=lambda: NOON)
    later = NOON + LEASE + timedelta(seconds=1)

    second = claim(worker="two", now=later)
    run_to_end(second, worker="two", clock=lambda: later)

    assert counted() == [1, 2, 3, 4, 5]


def test_a_worker_that_lost_its_run_writes_nothing_more(library):
    queue(library, "count", to="5")
    first = claim(worker="one", now=NOON)
    claim(worker="two", now=NOON + LEASE + timedelta(seconds=1))

    with pytest.raises(RunLost):
        run_slice(first, worker="one", clock=lambda: NOON)

    assert counted() == []


def test_an_error_undoes_the_slice_and_ends_the_run_with_a_sentence(library):
    counting.stumbles.append(ValueError("the number is cursed\nsecond line"))

    ended = run(library, "stumble")

    assert (ended.state, ended.error) == ("failed", "The run stopped at an error: the number is cursed")
    assert (counted(), ended.cursor, ended.counts) == ([], {}, {})
    assert Event.objects.filter(name="job.failed").count() == 1


def test_a_refusal_of_the_job_is_its_own_sentence(library):
    counting.stumbles.append(JobRefused("There is nothing to count here."))

    assert run(library, "stumble").error == "There is nothing to count here."


def test_a_failed_run_makes_way_for_the_next(library):
    counting.stumbles.append(ValueError("once"))
    run(library, "stumble")

    assert run(library, "stumble").state == "done"


def test_a_locked_database_is_tried_again_and_nothing_is_counted_twice(library):
    counting.stumbles.extend([counting.locked(), counting.locked()])

    ended = run(library, "stumble", to="5")

    assert ended.state == "done"
    assert counted() == [1, 2, 3, 4, 5]


def test_what_there_is_to_do_is_counted_while_no_lock_is_held(flushable, library):
    ended = run(library, "weigh")

    assert (ended.state, ended.expected, ended.counts) == ("done", 0, {"looked_at": 5})


@pytest.mark.parametrize(("name", "in_atomic_block"), [("look", False), ("hold", True)])
def test_a_job_that_only_reads_holds_no_lock_while_it_looks(flushable, library, name, in_atomic_block):
    ended = run(library, name)

    assert (ended.state, ended.cursor) == ("done", {"in_atomic_block": in_atomic_block})
