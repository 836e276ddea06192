"""An import is undone: ledger, pages' figures and ``verify`` agree, what stands is told, and nothing is twice."""

from datetime import timedelta

import pytest
from django.db import connection

from amerce.bursar.export_stages import CHUNK
from amerce.bursar.finding import jobs_about, rejected_since, stuck_imports
from amerce.bursar.models import BursarImport, BursarPayment
from amerce.bursar.reconciliation import reconciliation, unmatched_payments
from amerce.bursar.totals import totals
from amerce.charges.models import Fee
from amerce.charges.settle import Settled
from amerce.events.models import Event
from amerce.jobs.claim import claim_run
from amerce.jobs.job import JobRefused
from amerce.jobs.models import JobRun, RunEventRow
from amerce.jobs.runner import run_slice
from amerce.ledger.models import Transfer
from amerce.ledger.verify import verify
from tests.bursar.desk import Clerk, payments, told
from tests.bursar.test_export_job import many_fees
from tests.bursar.test_undo_import import begin, booked
from tests.charges.acts import now, state
from tests.charges.checks import nothing_written
from tests.jobs.running import finish, queue
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def undo(clerk: Clerk) -> JobRun:
    return finish(begin(clerk).run)


def in_all(clerk: Clerk) -> tuple[int, int, int]:
    found = totals(clerk.clerk, None, NOON)
    return found.exported_minor, found.paid_minor, found.outstanding_minor


@pytest.mark.parametrize("effect", ["credit", "settle"])
def test_every_payment_is_taken_back_and_all_figures_agree(clerk: Clerk, effect: str) -> None:
    fees = [clerk.desk.charge(1000), clerk.desk.charge(500)]
    profile = clerk.profile(import_effect=effect)
    clerk.export(profile)
    number = clerk.last_run().number
    clerk.put(profile, "wrong.xml", payments((fees[0].pk, "10.00"), (fees[1].pk, "2.00"), number=number))
    clerk.take_in(profile)
    assert in_all(clerk) == (1500, 1200, 300)

    job = undo(clerk)

    file = clerk.last_file()
    assert (job.state, job.expected, job.counts) == (
        "done",
        2,
        {"looked_at": 2, "taken_back": 2, "skipped": 0, "total_minor": 1200},
    )
    assert (file.state, file.undone_at, file.undone_count, file.undone_minor) == ("undone", NOON, 2, 1200)
    assert (file.posted_count, file.applied_minor, file.standing_count, file.standing_minor) == (2, 1200, 0, 0)
    assert [outcome for _id, outcome in clerk.outcomes()] == ["undone", "undone"]
    assert [now(fee).transferred_minor for fee in fees] == [1000, 500]
    assert clerk.desk.three_balances() == (0, 0, 1500)
    found = totals(clerk.clerk, profile, NOON)
    assert (found.exported_minor, found.paid_minor, found.outstanding_minor) == (1500, 0, 1500)
    assert (found.ages[0].count, found.ages[0].total_minor) == (2, 1500)
    assert [(each.exported_minor, each.paid_minor) for each in found.months] == [(1500, 0)]
    (row,) = reconciliation(clerk.clerk, profile)
    assert (row.paid_count, row.paid_minor, row.outstanding_count, row.outstanding_minor) == (0, 0, 2, 1500)
    assert (row.run.state, row.differs) == ("acknowledged", False)
    assert verify().findings == []


def test_whoever_asked_stands_on_the_transactions_with_file_and_reason(clerk: Clerk) -> None:
    booked(clerk, 1000)

    undo(clerk)

    row = clerk.desk.last_transfer("CORRECTION")
    assert row.actor_name == clerk.clerk.name
    assert row.note and row.note.text == "Undo of the import of wrong.xml: Another term's file"
    event = Event.objects.get(name="bursar_import.undone")
    assert event.data == {"import": clerk.last_file().pk, "lines": 1, "applied": 1000}


def test_the_right_file_is_booked_afterwards(clerk: Clerk) -> None:
    profile, (fee,) = booked(clerk, 1000)
    undo(clerk)
    clerk.put(profile, "right.xml", payments((fee.pk, "4.00")))

    clerk.take_in(profile)

    assert (clerk.last_file().state, now(fee).transferred_minor, in_all(clerk)) == ("done", 600, (1000, 400, 600))
    assert verify().findings == []


def test_the_same_content_is_booked_again_and_undone_again(clerk: Clerk) -> None:
    profile, (fee,) = booked(clerk, 1000)
    undo(clerk)
    clerk.put(profile, "again.xml", payments((fee.pk, "10.00")))

    clerk.take_in(profile)

    assert (clerk.last_file().state, state(fee), in_all(clerk)) == ("done", ("EXPORTED", "paid", 0), (1000, 1000, 0))
    clerk.put(profile, "third.xml", payments((fee.pk, "10.00")))
    clerk.take_in(profile)
    assert clerk.last_file().state == "repeated"
    again = BursarImport.objects.get(file_name="again.xml")
    finish(begin(clerk, import_id=again.pk).run)
    assert in_all(clerk) == (1000, 0, 1000)
    assert verify().findings == []


def test_while_it_is_being_undone_the_same_file_is_not_booked(clerk: Clerk) -> None:
    profile, (fee,) = booked(clerk, 1000)
    begin(clerk)
    clerk.put(profile, "again.xml", payments((fee.pk, "10.00")))

    clerk.take_in(profile)

    assert (clerk.last_file().state, now(fee).transferred_minor) == ("repeated", 0)


def test_a_line_whose_excess_was_used_stands_and_is_told(clerk: Clerk) -> None:
    booked(clerk, 1000, 500, paid=("10.00", "7.00"))
    clerk.desk.refund(clerk.desk.newest_credit(), 200)

    job = undo(clerk)

    file, (gone, stands) = clerk.last_file(), BursarPayment.objects.order_by("position")
    assert (told(job), job.counts["taken_back"], job.counts["skipped"]) == (["bursar.payment_stands_used"], 1, 1)
    assert RunEventRow.objects.get(run=job).data == {
        "line": 2, "id": stands.transaction_id, "fee": stands.fee_id, "patron": stands.patron_id, "amount_minor": 500,
    }  # fmt: skip
    assert (gone.outcome, stands.outcome) == ("undone", "stands_used")
    assert (file.state, file.undone_count, file.undone_minor, file.undone_excess_minor) == ("undone", 1, 1000, 0)
    assert (file.standing_count, file.standing_minor, in_all(clerk)) == (1, 500, (1500, 500, 1000))
    assert verify().findings == []


def test_credits_that_an_import_gave_are_taken_back_and_paid_out_ones_owed_again(clerk: Clerk) -> None:
    fee, credit = clerk.desk.charge(1000), clerk.desk.charge(300, "CREDIT")
    profile = clerk.profile(rows="both")
    clerk.export(profile)
    clerk.put(profile, "wrong.xml", payments((fee.pk, "12.00"), (credit.pk, "-3.00")))
    clerk.take_in(profile)
    assert clerk.desk.three_balances() == (-200, 0, 0)

    undo(clerk)

    assert clerk.desk.three_balances() == (0, 0, 700)
    assert (clerk.last_file().undone_minor, clerk.last_file().undone_excess_minor) == (700, 200)
    assert (state(credit), now(credit).transferred_minor) == (("EXPORTED", "", 0), -300)
    assert verify().findings == []


def test_what_was_left_alone_by_the_import_is_left_alone_by_the_undo_and_needs_nobody(clerk: Clerk) -> None:
    fee, zero = clerk.desk.charge(1000), clerk.desk.charge(200)
    profile = clerk.profile(imports_per_line=True)
    clerk.export(profile)
    lines = [(fee.pk, "4"), (fee.pk, "4"), (zero.pk, "0"), ("NOBODY", "1")]
    clerk.put(profile, "wrong.xml", payments(*lines, number=clerk.last_run().number))
    clerk.take_in(profile)
    assert unmatched_payments(clerk.clerk).count() == 1

    undo(clerk)

    assert [outcome for _id, outcome in clerk.outcomes()] == ["undone", "duplicate", "zero", "unknown"]
    assert unmatched_payments(clerk.clerk).count() == 0
    assert (totals(clerk.clerk, None, NOON).unmatched_count, clerk.last_file().undone_count) == (0, 1)


def test_an_import_of_which_nothing_was_booked_can_be_undone_so_that_it_is_imported_anew(clerk: Clerk) -> None:
    profile, (fee,) = booked(clerk, 1000, paid=("0.00",))
    assert clerk.last_file().state == "done"

    job = undo(clerk)

    assert (job.counts["looked_at"], clerk.last_file().state) == (0, "undone")
    clerk.put(profile, "again.xml", payments((fee.pk, "0.00")))
    clerk.take_in(profile)
    assert clerk.last_file().state == "done"


def test_a_file_that_was_booked_in_part_is_undone_in_part_and_is_imported_anew(clerk: Clerk) -> None:
    # given an import whose run failed behind its first chunk
    chunk = CHUNK[connection.vendor]
    many_fees(clerk, chunk + 10)
    profile = clerk.profile()
    clerk.export(profile)
    lines = [(fee.pk, f"{fee.original_minor / 100:.2f}") for fee in Fee.objects.order_by("pk")]
    clerk.put(profile, "wrong.xml", payments(*lines))
    run = claim_run(queue(clerk.library, "bursar-import", profile=profile.code).pk, worker="tests", now=NOON)
    assert run is not None
    while not BursarImport.objects.filter(posted_count=chunk).exists():
        run = run_slice(run, worker="tests", clock=lambda: NOON)
    JobRun.objects.filter(pk=run.pk).update(state="failed")

    # when
    job = undo(clerk)

    # then
    assert (job.counts["taken_back"], clerk.last_file().state) == (chunk, "undone")
    assert not Fee.objects.filter(original_minor__gt=0, transferred_minor=0).exists()
    clerk.take_in(profile)  # which finds the wrong file where its run had left it
    assert clerk.last_file().state == "repeated"
    assert not Fee.objects.filter(original_minor__gt=0, transferred_minor=0).exists()
    clerk.put(profile, "wrong.xml", payments(*lines))
    clerk.take_in(profile)
    assert (clerk.last_file().state, clerk.last_file().posted_count) == ("done", chunk + 10)
    assert not Fee.objects.exclude(transferred_minor=0).exists()
    assert verify().findings == []


def test_a_run_that_would_go_on_with_what_is_being_undone_books_nothing(clerk: Clerk) -> None:
    profile, (fee,) = booked(clerk, 1000, paid=("4.00",))
    going = queue(clerk.library, "bursar-import", profile=profile.code)
    begin(clerk)
    cursor = {"stage": "book", "names": ["wrong.xml"], "file": clerk.last_file().pk}
    JobRun.objects.filter(pk=going.pk).update(cursor=cursor)

    with nothing_paid():
        ended = finish(going)

    assert (ended.state, ended.error) == ("failed", "wrong.xml is being undone; nothing more of it is booked.")
    assert now(fee).transferred_minor == 600


def test_a_rejected_file_of_the_same_lines_waits_for_a_hand_again_once_the_booked_one_is_undone(clerk: Clerk) -> None:
    fee, profile = clerk.desk.charge(1000), clerk.profile()
    clerk.put(profile, "early.xml", payments((fee.pk, "10.00")))
    clerk.take_in(profile)
    clerk.export(profile)
    clerk.put(profile, "late.xml", payments((fee.pk, "10.00")))
    clerk.take_in(profile)
    since = NOON - timedelta(days=1)
    assert list(rejected_since(clerk.clerk, None, since)) == []

    undo(clerk)

    assert [each.file_name for each in rejected_since(clerk.clerk, None, since)] == ["early.xml"]


def test_a_second_run_of_the_job_changes_nothing_more(clerk: Clerk) -> None:
    booked(clerk, 1000)
    first = begin(clerk).run
    second = queue(clerk.library, "bursar-undo-import", **{"import": str(clerk.last_file().pk)})
    finish(first)

    with nothing_paid():
        ended = finish(second, NOON + timedelta(hours=1))

    assert (ended.state, ended.counts["looked_at"], clerk.last_file().undone_at) == ("done", 0, NOON)
    assert Event.objects.filter(name="bursar_import.undone").count() == 1


class nothing_paid:  # noqa: N801
    def __enter__(self) -> None:
        self.before = Transfer.objects.count()

    def __exit__(self, *raised: object) -> None:
        assert Transfer.objects.count() == self.before


@pytest.mark.parametrize("given", ["0", "x", "", "9" * 30, "booked"])
def test_the_job_itself_undoes_only_what_was_asked_for(clerk: Clerk, given: str) -> None:
    booked(clerk, 1000)
    number = str(clerk.last_file().pk) if given == "booked" else given

    with nothing_written(), pytest.raises(JobRefused):
        queue(clerk.library, "bursar-undo-import", **{"import": number})


def test_a_line_that_was_taken_back_before_is_not_taken_back_again_and_stands_no_more(clerk: Clerk) -> None:
    booked(clerk, 1000)
    begin(clerk)
    clerk.desk.take_back_payments(*[Settled(transfer_id=each.transfer_id) for each in BursarPayment.objects.all()])

    job = finish(JobRun.objects.get(name="bursar-undo-import"))

    assert (told(job), job.counts["taken_back"], job.counts["skipped"]) == ([], 0, 0)
    assert (BursarPayment.objects.get().outcome, clerk.last_file().standing_minor) == ("undone", 0)
    assert in_all(clerk) == (1000, 0, 1000)


def test_a_half_undone_import_waits_for_a_hand_and_one_that_a_job_undoes_does_not(clerk: Clerk) -> None:
    profile, _fees = booked(clerk, 1000)
    run = begin(clerk).run

    assert list(stuck_imports(clerk.clerk, profile, [run])) == []
    assert jobs_about(clerk.clerk, profile, [run]) == [run]
    assert jobs_about(clerk.clerk, clerk.profile("OTHER"), [run]) == []
    assert list(stuck_imports(clerk.clerk, profile, [])) == [clerk.last_file()]
