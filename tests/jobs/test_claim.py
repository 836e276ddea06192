import os
import socket
from datetime import timedelta

import pytest

from amerce.jobs.claim import LEASE, claim, claim_run, held_elsewhere, new_worker, release
from amerce.jobs.models import JobRun
from amerce.jobs.runner import run_slice
from tests.jobs.running import queue
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.money, pytest.mark.usefixtures("counting_jobs")]

SECOND = timedelta(seconds=1)


def test_a_queued_run_is_taken_by_one_worker(library):
    queued = queue(library, "count")

    taken = claim(worker="one", now=NOON)

    assert (taken.pk, taken.state, taken.worker, taken.started_at) == (queued.pk, "running", "one", NOON)
    assert claim(worker="two", now=NOON) is None


def test_the_one_who_holds_a_run_goes_on_with_it(library):
    queued = queue(library, "count")
    claim(worker="one", now=NOON)

    assert claim(worker="one", now=NOON + SECOND).pk == queued.pk


def test_of_one_job_a_second_run_waits_until_the_first_has_ended(library):
    first, second = queue(library, "count"), queue(library, "count")
    claim(worker="one", now=NOON)

    assert claim(worker="two", now=NOON) is None
    JobRun.objects.filter(pk=first.pk).update(state=JobRun.State.DONE)
    assert claim(worker="two", now=NOON).pk == second.pk


def test_the_database_itself_refuses_two_running_runs_of_one_job(library):
    from django.db import IntegrityError, transaction

    queue(library, "count")
    second = queue(library, "count")
    claim(worker="one", now=NOON)

    with pytest.raises(IntegrityError), transaction.atomic():
        JobRun.objects.filter(pk=second.pk).update(state=JobRun.State.RUNNING)


def test_the_same_job_runs_in_two_institutions_at_once(library, other_library):
    queue(library, "count")
    elsewhere = queue(other_library, "count")
    claim(worker="one", now=NOON)

    assert claim(worker="two", now=NOON).pk == elsewhere.pk


def test_a_silent_worker_loses_its_run_when_the_lease_has_passed(library):
    queued = queue(library, "count")
    claim(worker="one", now=NOON)

    assert claim(worker="two", now=NOON + LEASE) is None
    assert claim(worker="two", now=NOON + LEASE + SECOND).pk == queued.pk


def test_every_slice_renews_the_lease(library):
    queue(library, "count")
    run = claim(worker="one", now=NOON)

    run_slice(run, worker="one", clock=lambda: NOON + LEASE)

    assert claim(worker="two", now=NOON + 2 * LEASE) is None


def test_a_worker_whose_process_is_gone_is_not_waited_for(library):
    queued = queue(library, "count")
    ended = os.spawnlp(os.P_NOWAIT, "true", "true")
    os.waitpid(ended, 0)
    claim(worker=f"{socket.gethostname()[:60]}:{ended}:abcd", now=NOON)

    assert claim(worker="two", now=NOON).pk == queued.pk


def test_a_worker_whose_process_ended_and_was_not_buried_is_not_waited_for(library):
    queued = queue(library, "count")
    ended = os.spawnlp(os.P_NOWAIT, "true", "true")
    os.waitid(os.P_PID, ended, os.WEXITED | os.WNOWAIT)
    claim(worker=f"{socket.gethostname()[:60]}:{ended}:abcd", now=NOON)

    taken = claim(worker="two", now=NOON)

    os.waitpid(ended, 0)
    assert taken.pk == queued.pk


def test_a_worker_whose_process_lives_is_waited_for(library):
    queue(library, "count")
    claim(worker=new_worker(), now=NOON)

    assert claim(worker="two", now=NOON) is None


def test_a_worker_that_stops_lets_go(library):
    queued = queue(library, "count")
    claim(worker="one", now=NOON)

    release(worker="one", now=NOON)

    assert claim(worker="two", now=NOON).pk == queued.pk


def test_a_new_run_comes_before_the_next_slice_of_a_long_one(library):
    queue(library, "count", to="100")
    long = claim(worker="one", now=NOON)
    run_slice(long, worker="one", clock=lambda: NOON)
    short = queue(library, "stumble")

    assert claim(worker="one", now=NOON).pk == short.pk


def test_two_long_runs_take_turns(library):
    queue(library, "count", to="100")
    queue(library, "stumble", to="100")
    turns = []
    for second in range(4):
        now = NOON + second * SECOND
        run = claim(worker="one", now=now)
        run_slice(run, worker="one", clock=lambda now=now: now)
        turns.append(run.name)

    assert turns == ["count", "stumble", "count", "stumble"]


def test_a_run_held_by_a_living_worker_is_named_to_others(library):
    queue(library, "count")
    run = claim(worker="one", now=NOON)
    institution_id = library.institution.pk

    assert held_elsewhere(institution_id, "count", worker="two", now=NOON).pk == run.pk
    assert held_elsewhere(institution_id, "count", worker="one", now=NOON) is None
    assert held_elsewhere(institution_id, "count", worker="two", now=NOON + LEASE + SECOND) is None
    assert claim_run(run.pk, worker="two", now=NOON) is None
