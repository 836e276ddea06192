from datetime import datetime
from threading import Event as Signal
from threading import Thread

import pytest
from django.db import connection
from django.utils import timezone

from amerce.events.models import Event, EventDelivery
from amerce.jobs.claim import claim_run
from amerce.jobs.models import JobRun
from amerce.jobs.worker import work, work_once
from tests.charges.acts import Desk
from tests.events import handling
from tests.jobs import counting
from tests.jobs.running import queue
from tests.world import NOON

pytestmark = [pytest.mark.money, pytest.mark.usefixtures("counting_jobs")]


@pytest.mark.django_db
def test_with_nothing_to_do_a_worker_does_nothing(library):
    assert work_once(worker="one", clock=lambda: NOON) is None


def test_two_workers_share_the_runs_and_do_everything_once(flushable, library, other_library):
    counting.stumbles.append(counting.locked())
    for place in (library, other_library):
        for name in ("count", "stumble"):
            queue(place, name, to="9")
    stop = Signal()

    def one(name: str) -> None:
        work(worker=name, clock=timezone.now, stop=stop, idle_s=0.02)
        connection.close()

    threads = [Thread(target=one, args=[name]) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    deadline = timezone.now().timestamp() + 30
    while JobRun.objects.exclude(state="done").exists() and timezone.now().timestamp() < deadline:
        stop.wait(0.05)
    stop.set()
    for thread in threads:
        thread.join(10)

    assert set(JobRun.objects.values_list("state", flat=True)) == {"done"}
    numbers = Event.objects.filter(name="test.counted").values_list("data__number", flat=True)
    assert sorted(numbers) == sorted([*range(1, 10)] * 4)


def let_go_on(*, now: datetime) -> bool:
    if counting.began_to_wait.is_set():
        counting.may_go_on.set()
    return False


ERRANDS = (let_go_on,)


def test_errands_run_while_a_slice_reads_for_long(flushable, library, settings):
    # given
    settings.AMERCE_ERRANDS = "tests.jobs.test_worker.ERRANDS"
    counting.began_to_wait.clear()
    counting.may_go_on.clear()
    queue(library, "wait")
    stop = Signal()

    # when
    thread = Thread(target=_work, args=[stop])
    thread.start()
    deadline = timezone.now().timestamp() + 30
    while JobRun.objects.exclude(state="done").exists() and timezone.now().timestamp() < deadline:
        stop.wait(0.05)
    stop.set()
    thread.join(10)

    # then
    assert JobRun.objects.get().cursor == {"went_on": True}
    assert not thread.is_alive()


def wait_for_another_server(*, now: datetime) -> bool:
    counting.began_to_wait.set()
    return counting.may_go_on.wait(30)


SLOW_ERRANDS = (wait_for_another_server,)


def test_a_worker_that_is_told_to_stop_lets_its_runs_go_before_an_errand_ends(flushable, library, settings):
    # given
    settings.AMERCE_ERRANDS = "tests.jobs.test_worker.SLOW_ERRANDS"
    counting.began_to_wait.clear()
    counting.may_go_on.clear()
    queue(library, "count", to="1000000")
    stop = Signal()
    thread = Thread(target=_work, args=[stop])
    thread.start()
    held = JobRun.objects.filter(state="running")
    deadline = timezone.now().timestamp() + 20
    while not (counting.began_to_wait.is_set() and held.exists()) and timezone.now().timestamp() < deadline:
        counting.may_go_on.wait(0.05)

    # when
    stop.set()
    while not held.filter(lease_until__lt=timezone.now()).exists() and timezone.now().timestamp() < deadline:
        counting.may_go_on.wait(0.05)

    # then
    is_let_go, errand_goes_on = held.filter(lease_until__lt=timezone.now()).exists(), thread.is_alive()
    counting.may_go_on.set()
    thread.join(10)
    assert is_let_go
    assert errand_goes_on


def test_a_worker_whose_errands_cannot_be_found_ends(flushable, library, settings):
    settings.AMERCE_ERRANDS = "tests.jobs.test_worker.NO_SUCH_ERRANDS"
    queued = queue(library, "count")

    with pytest.raises(ImportError):
        work(worker="one", clock=timezone.now, stop=Signal(), idle_s=0.02)

    queued.refresh_from_db()
    assert queued.state in ("queued", "running", "done")
    assert claim_run(queued.pk, worker="two", now=timezone.now()) or queued.state == "done"


def test_a_worker_gives_events_to_handlers_that_failed_before(flushable, library, settings):
    # given
    settings.AMERCE_HANDLERS = "tests.events.handling.HANDLERS"
    handling.stumbles[:] = [RuntimeError("at first")]
    desk = Desk(library)
    desk.charge(300)
    desk.pay()
    assert EventDelivery.objects.get().done_at is None
    stop = Signal()

    # when
    thread = Thread(target=_work, args=[stop])
    thread.start()
    deadline = timezone.now().timestamp() + 30
    while EventDelivery.objects.filter(done_at=None).exists() and timezone.now().timestamp() < deadline:
        stop.wait(0.05)
    stop.set()
    thread.join(10)

    # then
    assert Event.objects.filter(name="test.tallied").count() == 1


def _work(stop: Signal) -> None:
    work(worker="one", clock=timezone.now, stop=stop, idle_s=0.02)
    connection.close()
