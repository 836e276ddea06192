"""A check says what booking would do, to the cent, and does nothing."""

import pytest
from django.db import connection

from amerce.bursar import check_stages
from amerce.bursar.export_stages import CHUNK
from amerce.bursar.finding import payments_with, rejected_since, unmatched_by_run
from amerce.bursar.models import BursarImport, BursarPayment
from amerce.bursar.places import exchange, kept
from amerce.bursar.reconciliation import unmatched_payments
from amerce.bursar.totals import totals
from amerce.bursar.uploads import keep_upload, uploaded
from amerce.jobs.claim import claim_run
from amerce.jobs.models import JobRun
from amerce.jobs.registry import find_job
from amerce.jobs.runner import run_slice
from tests.bursar.desk import Clerk, at_bursar, nothing_paid, payments, received, told
from tests.jobs.running import queue
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.money]

Row = tuple[int, str, str, int | None, int, int]


def lines(file: BursarImport) -> list[Row]:
    """Everything that is said of each line but its transfer."""
    rows = BursarPayment.objects.filter(file=file).order_by("position")
    columns = ("position", "transaction_id", "outcome", "amount_minor", "applied_minor", "excess_minor")
    return list(rows.values_list(*columns))


def sums(file: BursarImport) -> tuple[int, int, int, int, int, int]:
    return (
        file.line_count, file.line_minor, file.posted_count, file.applied_minor, file.excess_minor, file.problem_count,
    )  # fmt: skip


@pytest.mark.parametrize("effect", ["credit", "settle"])
def test_what_a_check_says_of_each_line_is_what_booking_then_makes_of_it(clerk: Clerk, effect: str) -> None:
    credit = clerk.desk.charge(500, "CREDIT")
    profile, (whole, part, excess, spent, zero) = at_bursar(
        clerk, 1000, 800, 700, 600, 300, import_effect=effect, imports_per_line=True, rows="both"
    )
    mixed = payments(
        (whole.pk, "10.00"), (part.pk, "4.5"), (part.pk, "4.50"), (part.pk, "1"), (excess.pk, "9.00"),
        (spent.pk, "6"), (spent.pk, "2"), (zero.pk, "0"), (credit.pk, "-8"), (credit.pk, "-1"), ("NOBODY", "1.25"),
        (zero.pk, "-1"), (zero.pk, "1,5"),
    )  # fmt: skip
    clerk.put(profile, "mixed.xml", mixed)

    with nothing_paid(clerk):
        run = clerk.check(profile)
    checked = clerk.last_file()
    clerk.take_in(profile)
    booked = clerk.last_file()

    assert (checked.state, checked.reason, booked.state) == ("checked", "", "done")
    assert lines(checked) == lines(booked)
    assert sums(checked) == sums(booked) == (13, 2825, 6, 2350, 200, 5)
    assert [row[2] for row in lines(checked)] == [
        "paid", "part", "duplicate", "part", "excess", "paid", "elsewhere", "zero", "overpaid", "elsewhere", "unknown",
        "negative", "unreadable",
    ]  # fmt: skip
    assert told(run) == [
        "bursar.line_duplicate", "bursar.line_zero", "bursar.line_unknown", "bursar.line_negative",
        "bursar.line_unreadable", "bursar.check_excess", "bursar.check_elsewhere", "bursar.check_overpaid",
        "bursar.check_elsewhere", "bursar.checked",
    ]  # fmt: skip


def test_a_check_acknowledges_nothing_and_leaves_the_file_where_it_lies(clerk: Clerk) -> None:
    profile, (fee,) = at_bursar(clerk, 1000)
    there = clerk.put(profile, "paid.xml", payments((fee.pk, "10.00"), number=clerk.last_run().number))

    with nothing_paid(clerk):
        run = clerk.check(profile)

    assert run.state == JobRun.State.DONE
    assert clerk.last_run().state == "delivered"
    assert [each.name for each in exchange(profile, profile.import_folder).iterdir()] == ["paid.xml"]
    assert there.read_bytes() == payments((fee.pk, "10.00"), number=clerk.last_run().number)
    assert (run.expected, run.counts) == (1, {"looked_at": 1, "files": 1})
    assert not BursarPayment.objects.filter(transfer__isnull=False).exists()


def test_a_check_is_no_earlier_import_of_the_same_file(clerk: Clerk) -> None:
    profile, (fee,) = at_bursar(clerk, 1000)
    clerk.put(profile, "paid.xml", payments((fee.pk, "10.00")))
    clerk.check(profile)
    clerk.check(profile)
    assert BursarImport.objects.filter(state="checked", reason="").count() == 2

    clerk.take_in(profile)

    assert (clerk.last_file().state, clerk.last_file().applied_minor) == ("done", 1000)
    assert [each.name for each in exchange(profile, profile.import_folder).iterdir()] == ["done"]


def test_a_line_that_cannot_be_booked_keeps_the_file_from_being_bookable(clerk: Clerk) -> None:
    profile, (fee,) = at_bursar(clerk, 1000)
    clerk.put(profile, "bad.xml", payments((fee.pk, "10.00"), ("NOBODY", "2.50")))

    with nothing_paid(clerk):
        run = clerk.check(profile)

    file = clerk.last_file()
    assert (file.state, file.reason, file.reason_data) == ("checked", "problems", {"count": 1, "lines": 2})
    assert sums(file) == (2, 1250, 0, 0, 0, 1)
    assert clerk.outcomes() == [(str(fee.pk), "pending"), ("NOBODY", "unknown")]
    assert told(run) == ["bursar.line_unknown", "bursar.not_bookable"]
    assert find_job("bursar-import").summary(run) == (
        "checked=1 lines=2 sum=12.50 bookable=0 bookable_total=0.00 pending=1 pending_sum=10.00 unknown=1 "
        "unknown_sum=2.50\nbad.xml: 1 of 2 lines cannot be booked, so nothing of the file would be."
    )


def test_a_file_that_cannot_be_read_is_told_with_its_position_and_not_rejected(clerk: Clerk) -> None:
    profile, (fee,) = at_bursar(clerk, 1000)
    clerk.put(profile, "half.xml", payments((fee.pk, "10.00"))[:-40])

    with nothing_paid(clerk):
        run = clerk.check(profile)

    assert (clerk.last_file().state, clerk.last_file().reason) == ("checked", "malformed")
    assert told(run) == ["bursar.not_bookable"]
    assert [each.name for each in exchange(profile, profile.import_folder).iterdir()] == ["half.xml"]
    assert not kept(profile.institution_id, "rejected", "-").parent.joinpath(f"{run.pk}-half.xml").exists()
    assert list(rejected_since(clerk.clerk, profile, NOON)) == []


def test_a_file_that_was_imported_before_would_not_be_booked(clerk: Clerk) -> None:
    profile, (fee,) = at_bursar(clerk, 1000)
    clerk.put(profile, "paid.xml", payments((fee.pk, "4.00")))
    clerk.take_in(profile)
    earlier = clerk.last_file()
    clerk.put(profile, "again.xml", payments((fee.pk, "4.00")))

    with nothing_paid(clerk):
        clerk.check(profile)

    file = clerk.last_file()
    assert (file.state, file.reason, file.reason_data) == ("checked", "same", {"earlier": earlier.pk})
    assert clerk.outcomes() == []


def test_a_file_of_which_an_import_booked_a_part_says_what_is_left(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile, fees = at_bursar(clerk, 1000, 200, 30)
    content = payments(*zip([fee.pk for fee in fees], ["10.00", "2.00", "0.30"], strict=True))
    clerk.put(profile, "paid.xml", content)
    monkeypatch.setitem(CHUNK, connection.vendor, 1)
    first = claim_run(queue(clerk.library, "bursar-import", profile=profile.code).pk, worker="tests", now=NOON)
    assert first is not None
    while not BursarImport.objects.filter(posted_count=1).exists():
        run_slice(first, worker="tests", clock=lambda: NOON)
    JobRun.objects.filter(pk=first.pk).update(state=JobRun.State.FAILED, ended_at=NOON)
    half = clerk.last_file()

    with nothing_paid(clerk):
        clerk.check(profile)

    file = clerk.last_file()
    assert (file.state, file.reason, file.reason_data) == ("checked", "", {"goes_on": half.pk})
    assert (file.posted_count, file.applied_minor) == (2, 230)


def test_every_chunk_knows_what_the_lines_before_it_take(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_stages, "AT_ONCE", 2)
    profile, (fee, other) = at_bursar(clerk, 1000, 100)
    clerk.put(profile, "a.xml", payments((fee.pk, "4"), (other.pk, "1"), (fee.pk, "5"), (fee.pk, "3"), (fee.pk, "2")))

    run = clerk.check(profile)

    assert [row[2:] for row in lines(clerk.last_file())] == [
        ("part", 400, 400, 0), ("paid", 100, 100, 0), ("part", 500, 500, 0), ("excess", 300, 100, 200),
        ("elsewhere", 200, 0, 0),
    ]  # fmt: skip
    assert (run.expected, run.counts["looked_at"]) == (5, 5)


def test_what_a_check_found_counts_nowhere_among_what_waits_or_was_paid(clerk: Clerk) -> None:
    profile, (fee,) = at_bursar(clerk, 1000, imports_per_line=True)
    run = clerk.last_run()
    clerk.put(profile, "a.xml", payments((fee.pk, "4"), ("NOBODY", "1"), number=run.number))

    clerk.check(profile)

    found = totals(clerk.clerk, profile, NOON)
    assert (found.paid_minor, found.outstanding_minor, found.unmatched_count) == (0, 1000, 0)
    assert not unmatched_payments(clerk.clerk, profile).exists()
    assert not unmatched_payments(clerk.clerk, run=run).exists()
    assert unmatched_by_run(clerk.clerk, [run]) == {run.pk: 0}
    assert not payments_with(clerk.clerk, [fee.pk], "NOBODY").exists()


def test_each_file_that_waits_is_checked(clerk: Clerk) -> None:
    profile, (first, second) = at_bursar(clerk, 1000, 200)
    clerk.put(profile, "1.xml", b"no xml")
    clerk.put(profile, "2.xml", payments((first.pk, "10")))
    clerk.put(profile, "3.xml", payments((second.pk, "2")))

    with nothing_paid(clerk):
        run = clerk.check(profile)

    files = BursarImport.objects.order_by("pk")
    assert [(each.file_name, each.state, each.reason, each.applied_minor) for each in files] == [
        ("1.xml", "checked", "malformed", 0), ("2.xml", "checked", "", 1000), ("3.xml", "checked", "", 200),
    ]  # fmt: skip
    assert run.counts["files"] == 3
    left = sorted(each.name for each in exchange(profile, profile.import_folder).iterdir())
    assert left == ["1.xml", "2.xml", "3.xml"]


def test_an_upload_is_checked_and_kept(clerk: Clerk) -> None:
    profile, (fee,) = at_bursar(clerk, 1000)
    content = payments((fee.pk, "10"))
    name = keep_upload(actor=clerk.clerk, at=NOON, name="mine.xml", size=len(content), pieces=[content])

    with nothing_paid(clerk):
        clerk.check(profile, upload=name)

    file = clerk.last_file()
    assert (file.file_name, file.state, file.in_folder) == ("mine.xml", "checked", False)
    assert kept(file.institution_id, *file.kept_as.split("/")).read_bytes() == content
    assert not uploaded(file.institution_id, name).exists()
    assert received() == 0
