"""What was exported and never delivered is taken back."""

from datetime import timedelta

import pytest

from amerce.access.can import NotAllowed
from amerce.bursar.errors import RunStateForbids
from amerce.bursar.run_commands import acknowledge, begin_undo, fetch_file
from amerce.events.models import Event
from amerce.jobs.models import JobRun
from amerce.ledger.verify import verify
from tests.bursar.desk import Clerk, told
from tests.charges.acts import state
from tests.charges.checks import nothing_written
from tests.jobs.running import finish, queue
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def undo(clerk: Clerk) -> JobRun:
    return finish(begin_undo(actor=clerk.clerk, at=NOON, run_id=clerk.last_run().pk).run)


@pytest.mark.parametrize("imports", [True, False])
def test_a_run_that_waits_for_its_download_is_undone_and_the_fees_are_owed_again(clerk: Clerk, imports: bool) -> None:
    fees = [clerk.desk.charge(1000), clerk.desk.charge(300, "CREDIT")]
    profile = clerk.profile(destination="download", rows="both", imports=imports)
    clerk.export(profile)
    assert clerk.last_run().state == "made"

    job = undo(clerk)

    assert (job.counts["taken_back"], clerk.last_run().state) == (2, "undone")
    assert [state(each) for each in fees] == [("ACTIVE", "", 1000), ("ACTIVE", "", -300)]
    assert clerk.desk.three_balances() == (700, 0, 0)
    assert verify().findings == []
    clerk.export(profile)
    assert (clerk.last_run().state, clerk.last_run().file_minor) == ("made", 700)


def test_a_lost_item_that_was_found_meanwhile_stands_and_is_told(clerk: Clerk) -> None:
    loan = clerk.desk.new_loan()
    clerk.desk.bring_to(loan, 5000, "LOSTITEMREPLACEMENTFEE")
    clerk.export(clerk.profile(destination="download"))
    clerk.desk.take_back(loan)

    job = undo(clerk)

    assert told(job) == ["bursar.stands"]
    assert clerk.desk.three_balances() == (-5000, 0, 5000)


def test_a_second_run_of_the_job_changes_nothing_more(clerk: Clerk) -> None:
    clerk.desk.charge(1000)
    clerk.export(clerk.profile(destination="download"))
    first = begin_undo(actor=clerk.clerk, at=NOON, run_id=clerk.last_run().pk).run
    second = queue(clerk.library, "bursar-undo", export=str(clerk.last_run().number))
    finish(first)

    ended = finish(second, NOON + timedelta(hours=1))

    assert (ended.state, ended.counts["taken_back"], clerk.last_run().undone_at) == (JobRun.State.DONE, 0, NOON)
    assert Event.objects.filter(name="bursar_run.undone").count() == 1


def test_an_undo_that_is_asked_for_twice_is_queued_once(clerk: Clerk) -> None:
    clerk.desk.charge(1000)
    clerk.export(clerk.profile(destination="download"))
    first = begin_undo(actor=clerk.clerk, at=NOON, run_id=clerk.last_run().pk)

    with nothing_written():
        second = begin_undo(actor=clerk.clerk, at=NOON, run_id=clerk.last_run().pk)

    assert (first.run.pk, first.replayed, second.replayed) == (second.run.pk, False, True)


def test_what_was_delivered_is_not_undone(clerk: Clerk) -> None:
    clerk.desk.charge(1000)
    clerk.export(clerk.profile())

    with nothing_written(), pytest.raises(RunStateForbids):
        begin_undo(actor=clerk.clerk, at=NOON, run_id=clerk.last_run().pk)


def test_the_first_download_delivers_and_every_other_gives_the_same_bytes(clerk: Clerk) -> None:
    clerk.desk.charge(1000)
    clerk.export(clerk.profile(destination="download"))
    run_id = clerk.last_run().pk

    first = fetch_file(actor=clerk.clerk, at=NOON, run_id=run_id).read_bytes()
    assert clerk.last_run().state == "delivered"
    fetch_file(actor=clerk.clerk, at=NOON, run_id=run_id).unlink()
    again = fetch_file(actor=clerk.clerk, at=NOON, run_id=run_id).read_bytes()

    assert first == again
    acknowledge(actor=clerk.clerk, at=NOON, run_id=run_id)
    assert (clerk.last_run().state, clerk.last_run().acknowledged_by) == ("acknowledged", clerk.clerk.name)


@pytest.mark.parametrize("act", [acknowledge, fetch_file, begin_undo])
def test_who_works_at_a_desk_has_nothing_to_do_with_runs(clerk: Clerk, act) -> None:  # type: ignore[no-untyped-def]
    clerk.desk.charge(1000)
    clerk.export(clerk.profile(destination="download"))

    with nothing_written(), pytest.raises(NotAllowed):
        act(actor=clerk.library.manager, at=NOON, run_id=clerk.last_run().pk)
