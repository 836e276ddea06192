"""Asking for files of what waits to be printed, and saying that a file came out."""

import pytest

from amerce.access.can import NotAllowed
from amerce.events.models import Event
from amerce.inputs.errors import RowNotFound
from amerce.institutions.models import Printer
from amerce.jobs.models import JobRun
from amerce.letters.models import Letter, PrintBatch
from amerce.letters.print_letters import NothingToPrint, mark_printed, start_printing
from tests.jobs.running import finish
from tests.letters.writing import write_one
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


@pytest.fixture
def printer(library: Library) -> Printer:
    return Printer.objects.create(institution=library.institution, code="P", name="Office", queue="lp")


def start(library: Library, printer_id: int | None) -> JobRun:
    return start_printing(actor=library.manager, at=NOON, printer_id=printer_id)


def test_a_run_is_queued_for_the_printer_in_the_name_of_who_asked(library: Library, printer: Printer) -> None:
    write_one(library, channels=("print",), printer_id=printer.pk)

    run = start(library, printer.pk)

    assert (run.name, run.state, run.params, run.started_by) == (
        "print-letters", "queued", {"printer": "P"}, library.manager.name,
    )  # fmt: skip


def test_asked_for_again_it_is_the_same_run(library: Library, printer: Printer) -> None:
    write_one(library, channels=("print",), printer_id=printer.pk)
    write_one(library, key="run:2", channels=("print",))

    first, again, other = start(library, printer.pk), start(library, printer.pk), start(library, None)

    assert again.pk == first.pk
    assert other.params == {"printer": "-"}
    assert JobRun.objects.count() == 2


def test_where_nothing_waits_nothing_is_queued(library: Library, other_library: Library, printer: Printer) -> None:
    write_one(other_library, channels=("print",))

    for printer_id in (printer.pk, None, 2**70):
        with pytest.raises(NothingToPrint):
            start(library, printer_id)

    assert not JobRun.objects.exists()


def test_who_may_not_send_letters_prints_none(library: Library, printer: Printer) -> None:
    write_one(library, channels=("print",), printer_id=printer.pk)
    limited = library.staff("circulation_desk_operator_limited")

    with pytest.raises(NotAllowed):
        start_printing(actor=limited, at=NOON, printer_id=printer.pk)
    with pytest.raises(NotAllowed):
        mark_printed(actor=limited, at=NOON, batch_id=1)

    assert not JobRun.objects.exists()


def test_a_file_that_came_out_is_marked_once(library: Library, other_library: Library) -> None:
    write_one(library, channels=("print",))
    finish(start(library, None))
    batch = PrintBatch.objects.get()
    with pytest.raises(RowNotFound):
        mark_printed(actor=other_library.manager, at=NOON, batch_id=batch.pk)

    for _time in range(2):
        mark_printed(actor=library.manager, at=NOON, batch_id=batch.pk)

    assert (Letter.objects.get().state, Letter.objects.get().sent_at) == ("sent", NOON)
    assert Event.objects.filter(name="letters.printed").count() == 1
