import pytest

from amerce.access.can import NotAllowed
from amerce.events.models import Event
from amerce.inputs.errors import RowNotFound
from amerce.jobs.cancel import Cancelled, cancel_run
from amerce.jobs.claim import claim, claim_run
from amerce.jobs.errors import NotCancellable, RunEnded
from amerce.jobs.models import JobRun
from amerce.jobs.runner import run_slice, run_to_end
from amerce.jobs.worker import work_once
from tests.jobs import counting
from tests.jobs.running import queue, run
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.money, pytest.mark.usefixtures("counting_jobs")]


@pytest.fixture
def administrator(library):
    return library.staff("general_system_administrator")


def test_a_run_that_waits_never_begins(library, administrator):
    queued = queue(library, "count")

    assert cancel_run(actor=administrator, at=NOON, run_id=queued.pk) == Cancelled(queued.pk, 0, None)

    queued.refresh_from_db()
    assert (queued.state, queued.ended_at, queued.cancelled_by) == ("cancelled", NOON, administrator.name)
    assert work_once(worker="one", clock=lambda: NOON) is None
    assert Event.objects.get(name="job.cancelled").data == {"run": queued.pk, "job": "count"}


def test_a_run_that_goes_on_stops_after_its_slice_and_keeps_what_it_did(library, administrator):
    going = claim_run(queue(library, "count", to="5").pk, worker="one", now=NOON)
    run_slice(going, worker="one", clock=lambda: NOON)

    assert cancel_run(actor=administrator, at=NOON, run_id=going.pk) == Cancelled(going.pk, 2, 5)
    ended = run_to_end(going, worker="one", clock=lambda: NOON)

    assert (ended.state, ended.counts) == ("cancelled", {"looked_at": 2})
    assert Event.objects.filter(name="test.counted").count() == 2


def test_an_error_of_a_slice_does_not_unsay_that_it_was_cancelled(library, administrator):
    going = claim_run(queue(library, "look").pk, worker="one", now=NOON)
    cancel_run(actor=administrator, at=NOON, run_id=going.pk)
    counting.stumbles.append(ValueError("too late"))

    assert run_to_end(going, worker="one", clock=lambda: NOON).state == "cancelled"


def test_a_cancelled_run_makes_way_for_the_next_of_its_job(library, administrator):
    going = claim_run(queue(library, "count").pk, worker="one", now=NOON)
    cancel_run(actor=administrator, at=NOON, run_id=going.pk)
    following = queue(library, "count")

    assert claim(worker="two", now=NOON).pk == following.pk


def test_cancelling_twice_answers_the_same_and_is_told_once(library, administrator):
    queued = queue(library, "count")
    first = cancel_run(actor=administrator, at=NOON, run_id=queued.pk)

    assert cancel_run(actor=administrator, at=NOON, run_id=queued.pk) == first
    assert Event.objects.filter(name="job.cancelled").count() == 1


def test_a_run_that_has_ended_is_not_cancelled(library, administrator):
    ended = run(library, "count")

    with pytest.raises(RunEnded) as refusal:
        cancel_run(actor=administrator, at=NOON, run_id=ended.pk)

    assert refusal.value.state == "done"
    assert JobRun.objects.get().state == "done"
    assert not Event.objects.filter(name="job.cancelled").exists()


def test_a_run_that_has_to_be_whole_is_cancelled_only_before_it_begins(library, administrator):
    waiting, going = queue(library, "hold"), queue(library, "hold")
    claim_run(going.pk, worker="one", now=NOON)

    with pytest.raises(NotCancellable):
        cancel_run(actor=administrator, at=NOON, run_id=going.pk)

    going.refresh_from_db()
    assert going.state == "running"
    cancel_run(actor=administrator, at=NOON, run_id=waiting.pk)
    assert not Event.objects.filter(name="job.cancelled", data__run=going.pk).exists()


@pytest.mark.parametrize(("name", "role"), [("count", "auditor"), ("say", "general_system_administrator")])
def test_who_may_not_run_a_job_does_not_cancel_it(library, name, role):
    queued = queue(library, name)

    with pytest.raises(NotAllowed):
        cancel_run(actor=library.staff(role), at=NOON, run_id=queued.pk)

    queued.refresh_from_db()
    assert queued.state == "queued"
    assert not Event.objects.filter(name="job.cancelled").exists()


def test_a_run_of_another_institution_is_not_there(library, other_library, administrator):
    elsewhere = queue(other_library, "count")

    for run_id in (elsewhere.pk, 0, 2**70):
        with pytest.raises(RowNotFound):
            cancel_run(actor=administrator, at=NOON, run_id=run_id)

    assert JobRun.objects.get().state == "queued"
