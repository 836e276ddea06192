"""Asking for the undo of an import: who may, of which file, why, and what it would take back (row D5)."""

from collections.abc import Callable

import pytest

from amerce.access.can import NotAllowed
from amerce.bursar.errors import ImportStateForbids
from amerce.bursar.models import BursarImport, BursarPayment, BursarProfile
from amerce.bursar.undo_import import WouldUndo, begin_undo_import, is_import_undoable, last_undo, would_undo
from amerce.charges.models import Fee
from amerce.events.models import Event
from amerce.inputs.errors import NameMissing, RowNotFound, TextMalformed, TextTooLong
from amerce.jobs.enqueue import Queued
from amerce.jobs.models import JobRun
from tests.bursar.desk import Clerk, payments
from tests.charges.checks import nothing_written
from tests.jobs.running import finish, queue
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def booked(clerk: Clerk, *amounts: int, paid: tuple[str, ...] = ()) -> tuple[BursarProfile, list[Fee]]:
    """A profile, and fees that it exported and of which a file said that they were paid, or ``paid``."""
    fees = [clerk.desk.charge(each) for each in amounts]
    profile = clerk.profile()
    clerk.export(profile)
    sums = paid or tuple(f"{each / 100:.2f}" for each in amounts)
    clerk.put(profile, "wrong.xml", payments(*zip([fee.pk for fee in fees], sums, strict=True)))
    clerk.take_in(profile)
    return profile, fees


def begin(clerk: Clerk, reason: str = "Another term's file", **more: object) -> Queued:
    asked = {"actor": clerk.clerk, "import_id": clerk.last_file().pk, **more}
    return begin_undo_import(at=NOON, reason=reason, **asked)  # type: ignore[arg-type]


def test_who_asks_why_and_when_are_kept_and_a_job_is_queued(clerk: Clerk) -> None:
    booked(clerk, 1000)

    queued = begin(clerk, "  Another term's file ")

    file, event = clerk.last_file(), Event.objects.get(name="bursar_import.undo_begun")
    assert (file.state, file.undo_reason) == ("undoing", "Another term's file")
    assert (file.undone_by, file.undo_asked_at, file.undone_at) == (clerk.clerk.name, NOON, None)
    assert (queued.run.name, queued.run.params, queued.replayed) == ("bursar-undo-import", {"import": file.pk}, False)
    assert event.data == {"import": file.pk, "reason": "Another term's file"}
    assert last_undo(file) == queued.run


def test_asked_for_twice_it_is_queued_once(clerk: Clerk) -> None:
    booked(clerk, 1000)
    first = begin(clerk)

    with nothing_written():
        second = begin(clerk, "Otherwise said")

    assert (second.run, second.replayed) == (first.run, True)
    assert (JobRun.objects.filter(name="bursar-undo-import").count(), clerk.last_file().undo_reason) == (
        1,
        "Another term's file",
    )


def test_one_that_failed_is_followed_by_another_for_the_first_reason(clerk: Clerk) -> None:
    booked(clerk, 1000)
    first = begin(clerk).run
    JobRun.objects.filter(pk=first.pk).update(state="failed")
    assert is_import_undoable(clerk.last_file())

    second = begin(clerk, "")

    assert (second.replayed, second.run.pk != first.pk) == (False, True)
    assert finish(second.run).counts["taken_back"] == 1
    assert Event.objects.filter(name="bursar_import.undo_begun").count() == 1


@pytest.mark.parametrize("state", ["reading", "rejected", "repeated", "undone"])
def test_only_what_was_booked_is_undone(clerk: Clerk, state: str) -> None:
    booked(clerk, 1000)
    BursarImport.objects.update(state=state)

    with nothing_written(), pytest.raises(ImportStateForbids) as refused:
        begin(clerk)

    assert (refused.value.file_name, refused.value.state) == ("wrong.xml", state)
    assert not is_import_undoable(clerk.last_file())


def test_what_is_being_booked_is_undone_only_once_that_has_ended(clerk: Clerk) -> None:
    profile, _fees = booked(clerk, 1000)
    BursarImport.objects.update(state="posting")
    going = queue(clerk.library, "bursar-import", profile=profile.code)

    with nothing_written(), pytest.raises(ImportStateForbids):
        begin(clerk)

    JobRun.objects.filter(pk=going.pk).update(state="failed")
    assert begin(clerk).run.state == "queued"


@pytest.mark.parametrize(
    ("reason", "error"),
    [("", NameMissing), ("  \n", NameMissing), ("x" * 501, TextTooLong), ("a\u202eb", TextMalformed)],
)
def test_without_a_reason_that_can_be_read_nothing_is_undone(clerk: Clerk, reason: str, error: type[Exception]) -> None:
    booked(clerk, 1000)

    with nothing_written(), pytest.raises(error) as refused:
        begin(clerk, reason)

    assert (refused.value.field, clerk.last_file().state) == ("reason", "done")  # type: ignore[attr-defined]
    assert not JobRun.objects.filter(name="bursar-undo-import").exists()


@pytest.mark.parametrize("who", [lambda clerk: clerk.library.manager, lambda clerk: clerk.library.staff("auditor")])
def test_who_may_not_import_undoes_nothing(clerk: Clerk, who: Callable[[Clerk], object]) -> None:
    booked(clerk, 1000)

    with nothing_written(), pytest.raises(NotAllowed):
        begin(clerk, actor=who(clerk))


def test_a_file_of_another_institution_is_not_there(clerk: Clerk) -> None:
    booked(clerk, 1000)
    theirs = Library.new("NEXT").staff("bursar_clerk")

    with nothing_written(), pytest.raises(RowNotFound):
        begin(clerk, actor=theirs)


def test_the_figures_before_say_what_would_go_and_what_stands(clerk: Clerk) -> None:
    booked(clerk, 1000, 500, 300, paid=("10.00", "7.00", "4.50"))
    assert would_undo(clerk.clerk, clerk.last_file()) == WouldUndo(3, 1, 1800, 350, 0, 0)

    clerk.desk.refund(Fee.objects.get(original_minor=-150), 50)

    assert would_undo(clerk.clerk, clerk.last_file()) == WouldUndo(2, 1, 1500, 200, 1, 300)
    BursarPayment.objects.filter(amount_minor=450).update(patron=clerk.library.new_patron("only of what stands"))
    assert would_undo(clerk.clerk, clerk.last_file()) == WouldUndo(2, 1, 1500, 200, 1, 300)
    job = finish(begin(clerk).run)
    assert (job.counts["taken_back"], job.counts["total_minor"], job.counts["skipped"]) == (2, 1500, 1)
