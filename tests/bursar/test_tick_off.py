"""A line that could not be booked is ticked off once somebody dealt with it, with a note; no money moves (row D7)."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from amerce.access.can import NotAllowed
from amerce.bursar.errors import LineNeedsNobody, TickedOffBefore
from amerce.bursar.finding import unmatched_by_run
from amerce.bursar.models import BursarImport, BursarPayment, BursarTick
from amerce.bursar.reconciliation import ticked_payments, unmatched_payments
from amerce.bursar.tick_off import Ticked, tick_off
from amerce.bursar.totals import totals
from amerce.events.models import Event
from amerce.inputs.errors import NameMissing, RowNotFound, TextMalformed, TextTooLong
from tests.bursar.desk import Clerk, payments
from tests.charges.checks import nothing_written
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def unmatched(clerk: Clerk, outcome: str = "unknown") -> BursarPayment:
    """A line of each kind that cannot be booked, in a file of the newest export; the one of ``outcome``."""
    fee, elsewhere = clerk.desk.charge(1000), clerk.desk.charge(200)
    profile = clerk.profile(imports_per_line=True, min_amount_minor=500)
    clerk.export(profile)
    lines = [("NOBODY", "1.00"), (elsewhere.pk, "2.00"), (fee.pk, "-1.00"), (fee.pk, "x"), (fee.pk, "10.00")]
    clerk.put(profile, "paid.xml", payments(*lines, number=clerk.last_run().number))
    clerk.take_in(profile)
    return BursarPayment.objects.get(outcome=outcome)


def tick(clerk: Clerk, line: BursarPayment, note: str = "Refunded by the bursar", **more: object) -> Ticked:
    asked = {"actor": clerk.clerk, "at": NOON, "line_id": line.pk, **more}
    return tick_off(note=note, **asked)  # type: ignore[arg-type]


class no_tick:  # noqa: N801
    """Nothing of money, no event and no tick is written."""

    def __enter__(self) -> None:
        self.ticks = list(BursarTick.objects.values())
        self.other = nothing_written()
        self.other.__enter__()

    def __exit__(self, *raised: object) -> None:
        self.other.__exit__(None, None, None)
        assert list(BursarTick.objects.values()) == self.ticks


@pytest.mark.parametrize("outcome", ["unknown", "elsewhere", "negative", "unreadable"])
def test_who_when_and_why_are_kept_and_the_line_waits_for_nobody(clerk: Clerk, outcome: str) -> None:
    line = unmatched(clerk, outcome)
    before = clerk.desk.three_balances()

    done = tick(clerk, line, "  Refunded by the bursar ")

    kept = BursarTick.objects.get()
    assert done == Ticked(line.pk, replayed=False)
    assert (kept.line_id, kept.ticked_by, kept.ticked_at) == (line.pk, clerk.clerk.name, NOON)
    assert kept.note == "Refunded by the bursar"
    event = Event.objects.get(name="bursar_line.ticked_off")
    assert event.data == {"import": line.file_id, "line": line.position, "note": "Refunded by the bursar"}
    assert line.pk not in unmatched_payments(clerk.clerk).values_list("pk", flat=True)
    assert [each.pk for each in ticked_payments(clerk.clerk)] == [line.pk]
    assert totals(clerk.clerk, None, NOON).unmatched_count == 3
    assert list(unmatched_by_run(clerk.clerk, [clerk.last_run()]).values()) == [3]
    assert (clerk.desk.three_balances(), line.outcome) == (before, outcome)


def test_ticked_off_twice_by_the_same_person_is_once(clerk: Clerk) -> None:
    line = unmatched(clerk)
    tick(clerk, line)

    with no_tick():
        assert tick(clerk, line, at=NOON + timedelta(hours=1)) == Ticked(line.pk, replayed=True)


def test_of_two_people_the_second_is_told(clerk: Clerk) -> None:
    line = unmatched(clerk)
    tick(clerk, line)

    with no_tick(), pytest.raises(TickedOffBefore) as refused:
        tick(clerk, line, "Somebody else's words")

    assert (refused.value.by, refused.value.at) == (clerk.clerk.name, NOON)


@pytest.mark.parametrize("outcome", ["paid", "pending", "zero", "duplicate", "undone"])
def test_what_needs_nobody_is_not_ticked_off(clerk: Clerk, outcome: str) -> None:
    line = unmatched(clerk)
    BursarPayment.objects.filter(pk=line.pk).update(outcome=outcome)

    with no_tick(), pytest.raises(LineNeedsNobody) as refused:
        tick(clerk, line)

    assert refused.value.outcome == outcome


def test_a_line_of_a_file_that_was_undone_needs_nobody(clerk: Clerk) -> None:
    line = unmatched(clerk)
    BursarImport.objects.update(state="undone")

    with no_tick(), pytest.raises(LineNeedsNobody):
        tick(clerk, line)


@pytest.mark.parametrize(
    ("note", "error"),
    [("", NameMissing), (" \n ", NameMissing), ("x" * 501, TextTooLong), ("a\u202eb", TextMalformed)],
)
def test_without_a_note_that_can_be_read_nothing_is_ticked_off(clerk: Clerk, note: str, error: type[Exception]) -> None:
    line = unmatched(clerk)

    with no_tick(), pytest.raises(error) as refused:
        tick(clerk, line, note)

    assert refused.value.field == "note"  # type: ignore[attr-defined]


@pytest.mark.parametrize("who", [lambda clerk: clerk.library.manager, lambda clerk: clerk.library.staff("auditor")])
def test_who_may_not_import_ticks_nothing_off(clerk: Clerk, who: Callable[[Clerk], object]) -> None:
    line = unmatched(clerk)

    with no_tick(), pytest.raises(NotAllowed):
        tick(clerk, line, actor=who(clerk))


@pytest.mark.parametrize("line_id", [0, -1, 2**70])
def test_a_line_that_is_not_there_is_not_found(clerk: Clerk, line_id: int) -> None:
    line = unmatched(clerk)

    with no_tick(), pytest.raises(RowNotFound):
        tick(clerk, line, line_id=line_id)


def test_a_line_of_another_institution_is_not_there(clerk: Clerk) -> None:
    line = unmatched(clerk)
    theirs = Library.new("NEXT").staff("bursar_clerk")

    with no_tick(), pytest.raises(RowNotFound):
        tick(clerk, line, actor=theirs)
