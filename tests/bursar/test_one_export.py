"""An export that is asked for again before it has ended is that run, whoever asks: nobody wants a second, empty one."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from amerce.bursar.models import BursarRun
from amerce.events.models import Event
from amerce.jobs.cancel import cancel_run
from amerce.jobs.claim import claim_run
from amerce.jobs.due import begin_due
from amerce.jobs.enqueue import Queued, enqueue_once
from amerce.jobs.models import JobRun, JobSchedule
from amerce.jobs.runner import run_slice
from amerce.jobs.save_schedule import save_schedule
from amerce.jobs.schedule_facts import ScheduleFacts
from tests.bursar.desk import Clerk
from tests.charges.acts import Desk
from tests.charges.checks import nothing_written
from tests.jobs.running import finish
from tests.world import NOON, Library

pytestmark = pytest.mark.money
db = pytest.mark.django_db


def ask(clerk: Clerk, profile: str = "SIS", form_key: str = "", name: str = "bursar-export") -> Queued:
    return enqueue_once(actor=clerk.clerk, at=NOON, name=name, given={"profile": profile}, form_key=form_key)


@db
def test_while_one_waits_or_goes_on_it_is_the_answer_and_nothing_is_queued(clerk: Clerk) -> None:
    clerk.profile()
    first = ask(clerk)
    assert (first.replayed, first.is_open) == (False, False)

    for form_key in ("", "a key of its own"):
        with nothing_written():
            again = ask(clerk, form_key=form_key)
        assert (again.run, again.replayed, again.is_open) == (first.run, True, True)

    going = claim_run(first.run.pk, worker="tests", now=NOON)
    assert going is not None
    run_slice(going, worker="tests", clock=lambda: NOON)
    assert ask(clerk).run == first.run
    assert JobRun.objects.count() == 1


@db
def test_once_it_has_ended_or_for_another_profile_or_library_it_is_another(
    clerk: Clerk, other_library: Library
) -> None:
    clerk.profile()
    clerk.profile("OTHER")
    theirs = Clerk(other_library, Desk(other_library))
    theirs.profile()
    first = ask(clerk)

    runs = [first, ask(clerk, "OTHER"), ask(theirs)]
    cancel_run(actor=clerk.clerk, at=NOON, run_id=first.run.pk)
    runs.append(ask(clerk))
    finish(runs[-1].run)
    runs.append(ask(clerk))

    assert not any(each.replayed for each in runs)
    assert len({each.run.pk for each in runs}) == 5


@db
def test_an_import_may_wait_twice_since_a_file_may_have_come_meanwhile(clerk: Clerk) -> None:
    clerk.profile()

    assert ask(clerk, name="bursar-import").run != ask(clerk, name="bursar-import").run


@db
def test_a_schedule_begins_none_beside_one_that_was_asked_for_by_hand(clerk: Clerk) -> None:
    clerk.profile()
    facts = ScheduleFacts(job="bursar-export", cron="0 3 * * *", params={"profile": "SIS"})
    save_schedule(actor=clerk.clerk, at=NOON, facts=facts)
    by_hand = ask(clerk).run

    while begin_due(now=NOON + timedelta(days=1)):
        pass

    assert list(JobRun.objects.filter(name="bursar-export")) == [by_hand]
    schedule = JobSchedule.objects.get(name="bursar-export")
    assert schedule.next_at is not None and schedule.next_at > NOON + timedelta(days=1)
    assert (schedule.last_run, Event.objects.get(name="job_schedule.skipped").data) == (
        None, {"schedule": schedule.pk, "job": "bursar-export", "run": by_hand.pk},
    )  # fmt: skip

    finish(by_hand)
    while begin_due(now=NOON + timedelta(days=2)):
        pass
    assert JobRun.objects.filter(name="bursar-export", started_by="schedule").count() == 1


def test_two_clerks_at_once_begin_one(flushable: None, library: Library) -> None:
    clerk = Clerk(library, Desk(library))
    clerk.profile()
    clerk.desk.charge(1000)
    actor, start, answers = clerk.clerk, Barrier(2), []

    def press() -> None:
        start.wait(10)
        given = {"profile": "SIS"}
        answers.append(enqueue_once(actor=actor, at=NOON, name="bursar-export", given=given, form_key=""))
        connection.close()

    threads = [Thread(target=press) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(each.replayed for each in answers) == [False, True]
    assert len({each.run.pk for each in answers}) == JobRun.objects.count() == 1
    finish(JobRun.objects.get())
    assert BursarRun.objects.get().posted_count == 1
