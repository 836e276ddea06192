"""The job Print Letters: files of a few letters, printer by printer, each letter in one file."""

from datetime import timedelta

import pytest

from amerce.institutions.models import Printer
from amerce.jobs.claim import claim_run
from amerce.jobs.job import JobRefused
from amerce.jobs.models import RunEventRow
from amerce.jobs.runner import run_slice
from amerce.letters import print_job
from amerce.letters.erase import erase_letters_about
from amerce.letters.models import Letter, PrintBatch
from tests.jobs.running import finish, queue, run
from tests.letters.writing import write_one
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)


@pytest.fixture(autouse=True)
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(print_job, "FILE_LETTERS", 2)


@pytest.fixture
def printer(library: Library) -> Printer:
    return Printer.objects.create(institution=library.institution, code="P", name="Office", queue="lp")


def some(library: Library, count: int, **more: object) -> list[Letter]:
    return [write_one(library, key=f"run:{each}:{more}", channels=("print",), **more) for each in range(count)]


def held() -> list[tuple[int | None, int]]:
    return [(each.printer_id, each.letters.count()) for each in PrintBatch.objects.order_by("pk")]


def test_files_are_of_one_printer_and_of_a_few_letters(library: Library, printer: Printer) -> None:
    some(library, 3, printer_id=printer.pk)
    some(library, 1)

    done = run(library, "print-letters")

    assert (done.state, done.expected, done.counts) == ("done", 4, {"looked_at": 4, "files": 3})
    assert sorted(held(), key=str) == sorted([(printer.pk, 2), (printer.pk, 1), (None, 1)], key=str)
    assert all(bytes(each.pdf).startswith(b"%PDF-") for each in PrintBatch.objects.all())
    assert set(Letter.objects.values_list("state", flat=True)) == {"waiting"}
    told = RunEventRow.objects.filter(run=done).values_list("code", "data__letters_count")
    assert sorted(told) == [("printing.file", 1), ("printing.file", 1), ("printing.file", 2)]
    assert run(library, "print-letters").counts == {}


def test_a_file_has_fewer_letters_where_they_are_long(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    letters = some(library, 3)
    monkeypatch.setattr(print_job, "FILE_LETTERS", 100)
    monkeypatch.setattr(print_job, "FILE_BYTES", 2 * len(letters[0].body))

    run(library, "print-letters")
    assert held() == [(None, 2), (None, 1)]

    monkeypatch.setattr(print_job, "FILE_BYTES", 1)
    write_one(library, key="one alone", channels=("print",))
    run(library, "print-letters")
    assert held() == [(None, 2), (None, 1), (None, 1)]


@pytest.mark.parametrize(("code", "expected"), [("P", 2), ("-", 1), ("", 3)])
def test_one_printer_can_be_named(library: Library, printer: Printer, code: str, expected: int) -> None:
    some(library, 2, printer_id=printer.pk)
    some(library, 1)

    run(library, "print-letters", printer=code)

    assert Letter.objects.exclude(batch=None).count() == expected


def test_a_printer_that_is_not_there_is_refused(library: Library, printer: Printer) -> None:
    with pytest.raises(JobRefused, match=r"^There is no printer “X”; there are: P\.$"):
        queue(library, "print-letters", printer="X")


def test_what_is_written_after_it_was_asked_for_waits(library: Library) -> None:
    some(library, 1)
    queued = queue(library, "print-letters")
    late = write_one(library, key="late", channels=("print",))
    Letter.objects.filter(pk=late.pk).update(created_at=LATER)

    assert finish(queued).counts == {"looked_at": 1, "files": 1}

    late.refresh_from_db()
    assert late.batch is None


def test_a_letter_that_goes_off_meanwhile_is_in_no_file(library: Library) -> None:
    first, second = some(library, 2)
    taken = claim_run(queue(library, "print-letters").pk, worker="tests", now=NOON)
    assert taken is not None
    made = run_slice(taken, worker="tests", clock=lambda: NOON)
    assert len(made.cursor["letters"]) == 2

    Letter.objects.filter(pk=first.pk).update(state="done")
    for _slice in range(4):
        if not made.has_ended:
            made = run_slice(made, worker="tests", clock=lambda: NOON)

    assert held() == [(None, 1)]
    assert PrintBatch.objects.get().letters.get() == second
    assert made.state == "done"


def test_a_worker_that_dies_between_making_and_keeping_leaves_one_file(library: Library) -> None:
    some(library, 2)
    taken = claim_run(queue(library, "print-letters").pk, worker="tests", now=NOON)
    assert taken is not None
    run_slice(taken, worker="tests", clock=lambda: NOON)

    other = claim_run(taken.pk, worker="other", now=LATER)
    assert other is not None
    while not other.has_ended:
        other = run_slice(other, worker="other", clock=lambda: LATER)

    assert held() == [(None, 2)]
    assert other.counts == {"looked_at": 2, "files": 1}


def test_an_erased_letter_leaves_no_file(library: Library) -> None:
    write_one(library, key="a", channels=("print",), about=["loan:1"])
    run(library, "print-letters")
    write_one(library, key="b", channels=("print",), about=["loan:1"])
    cut_off = claim_run(queue(library, "print-letters").pk, worker="tests", now=NOON)
    assert cut_off is not None
    cut_off = run_slice(cut_off, worker="tests", clock=lambda: NOON)
    cut_off.state, cut_off.ended_at = "cancelled", NOON
    cut_off.save()

    erase_letters_about(library.institution.pk, [library.patron.pk], {"loan:1"}, at=NOON)

    assert bytes(PrintBatch.objects.get().pdf) == b""
    cut_off.refresh_from_db()
    assert cut_off.cursor == {}
