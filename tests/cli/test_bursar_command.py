"""``amerce bursar export|import|status|undo-import``: what it does, prints and answers."""

from typing import Any

import pytest

from amerce.bursar.models import BursarImport, BursarRun
from amerce.charges.models import Fee
from amerce.cli.main import main
from amerce.jobs.models import JobRun
from tests.bursar.desk import Clerk, payments
from tests.charges.acts import Desk, state
from tests.charges.checks import nothing_written
from tests.jobs.running import queue
from tests.world import Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def clerk(library: Library) -> Clerk:
    return Clerk(library, Desk(library))


def exported(clerk: Clerk, amount_minor: int = 1000) -> Fee:
    fee = clerk.desk.charge(amount_minor)
    clerk.profile()
    assert main(["bursar", "export", "SIS"]) == 0
    return fee


def test_export_delivers_the_file_and_says_what_is_in_it(clerk: Clerk, capsys: pytest.CaptureFixture[str]) -> None:
    fee = exported(clerk)

    run = clerk.last_run()
    assert state(fee) == ("EXPORTED", "", 0)
    assert capsys.readouterr() == (f"exported=1 dropped=0 total=10.00 state=delivered file={run.file_name}\n", "")


def test_an_export_that_waits_for_a_worker_is_ended_and_no_other_begun(
    clerk: Clerk, capsys: pytest.CaptureFixture[str]
) -> None:
    clerk.desk.charge(1000)
    clerk.profile()
    waiting = queue(clerk.library, "bursar-export", profile="SIS")

    assert main(["bursar", "export", "SIS"]) == 0

    said = capsys.readouterr()
    assert said.err == f"Run {waiting.pk} of this job was asked for before and waits; ending it.\n"
    assert said.out.startswith("exported=1 dropped=0 total=10.00 state=delivered")
    assert JobRun.objects.get() == waiting


def test_import_takes_the_file_that_is_named(clerk: Clerk, tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    fee = exported(clerk)
    paid = tmp_path / "paid.xml"
    paid.write_bytes(payments((fee.pk, "10.00")))
    capsys.readouterr()

    assert main(["bursar", "import", "SIS", "--file", str(paid)]) == 0

    assert capsys.readouterr() == ("files=1 booked=1 total=10.00\n", "")
    assert (state(fee), paid.exists()) == (("EXPORTED", "paid", 0), True)


def test_import_with_check_says_what_would_be_booked_kind_by_kind_and_books_nothing(
    clerk: Clerk, capsys: pytest.CaptureFixture[str]
) -> None:
    fee = exported(clerk)
    there = clerk.put(clerk.last_run().profile, "paid.xml", payments((fee.pk, "12.50"), (fee.pk, "0")))
    capsys.readouterr()

    assert main(["bursar", "import", "SIS", "--check"]) == 0

    said = "checked=1 lines=2 sum=12.50 bookable=1 bookable_total=10.00 zero=1 zero_sum=0.00\n"
    assert capsys.readouterr() == (said, "")
    assert (state(fee), there.exists(), clerk.last_file().state) == (("EXPORTED", "", 0), True, "checked")
    assert main(["bursar", "import", "SIS"]) == 0
    assert (state(fee), there.exists()) == (("EXPORTED", "paid", 0), False)


def test_a_check_of_a_file_that_would_not_be_booked_is_no_success(
    clerk: Clerk, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    fee, paid = exported(clerk), tmp_path / "paid.xml"
    paid.write_bytes(payments((fee.pk, "10.00"), ("NOBODY", "2"), ("NOBODY", "1.5")))
    capsys.readouterr()

    assert main(["bursar", "import", "SIS", "--check", "--file", str(paid)]) == 1

    said = capsys.readouterr()
    assert said.out == (
        "checked=1 lines=3 sum=13.50 bookable=0 bookable_total=0.00 pending=1 pending_sum=10.00 unknown=2 "
        "unknown_sum=3.50\npaid.xml: 2 of 3 lines cannot be booked, so nothing of the file would be.\n"
    )
    assert said.err == "amerce: A file would not be booked as it is.\n"
    assert state(fee) == ("EXPORTED", "", 0)


def test_a_file_whose_import_is_refused_is_not_kept(
    clerk: Clerk, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    clerk.profile(imports=False)
    paid = tmp_path / "paid.xml"
    paid.write_bytes(payments((1, "10.00")))

    assert main(["bursar", "import", "SIS", "--file", str(paid)]) != 0

    assert "import is switched off" in capsys.readouterr().err
    assert list(tmp_path.rglob("*paid.xml")) == [paid]


def test_two_files_of_one_name_are_two_imports(clerk: Clerk, tmp_path: Any) -> None:
    for number, amount in ((78, "4.00"), (79, "6.00")):
        fee = Fee.objects.filter(status="EXPORTED", original_minor__gt=0).first() or exported(clerk)
        paid = tmp_path / str(number) / "paid.xml"
        paid.parent.mkdir()
        paid.write_bytes(payments((fee.pk, amount), number=number))
        assert main(["bursar", "import", "SIS", "--file", str(paid)]) == 0

    files = BursarImport.objects.order_by("pk")
    assert [(each.file_name, each.applied_minor) for each in files] == [("paid.xml", 400), ("paid.xml", 600)]
    assert len({each.kept_as.rpartition("/")[2] for each in files}) == 2


def test_a_file_that_was_imported_before_is_said_to_have_been(
    clerk: Clerk, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    fee, paid = exported(clerk), tmp_path / "paid.xml"
    paid.write_bytes(payments((fee.pk, "10.00")))
    main(["bursar", "import", "SIS", "--file", str(paid)])
    capsys.readouterr()

    assert main(["bursar", "import", "SIS", "--file", str(paid)]) == 0

    assert capsys.readouterr().out == "files=1 booked=0 total=0.00 repeated=1\n"


def test_import_takes_what_waits_in_the_folder(clerk: Clerk, capsys: pytest.CaptureFixture[str]) -> None:
    fee = exported(clerk)
    clerk.put(clerk.last_run().profile, "paid.xml", payments((fee.pk, "10.00")))
    capsys.readouterr()

    assert main(["bursar", "import", "SIS"]) == 0

    assert capsys.readouterr().out == "files=1 booked=1 total=10.00\n"


def test_a_file_that_is_rejected_is_told_and_is_not_a_success(
    clerk: Clerk, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    fee = exported(clerk)
    broken = tmp_path / "broken.xml"
    broken.write_bytes(payments((fee.pk, "10.00"))[:-30])
    capsys.readouterr()

    assert main(["bursar", "import", "SIS", "--file", str(broken)]) == 1

    said = capsys.readouterr()
    assert said.out.startswith("files=1 booked=0 total=0.00\nbroken.xml: ")
    assert said.err == "amerce: A file was rejected; nothing of it was booked.\n"
    assert (state(fee), clerk.last_file().state) == (("EXPORTED", "", 0), "rejected")


def test_status_says_how_far_each_run_came(clerk: Clerk, capsys: pytest.CaptureFixture[str]) -> None:
    clerk.profile("NEW")
    assert main(["bursar", "status", "NEW"]) == 0
    assert capsys.readouterr().out == "No run of this profile yet.\n"

    exported(clerk)
    capsys.readouterr()
    assert main(["bursar", "status", "SIS"]) == 0

    run = clerk.last_run()
    assert capsys.readouterr().out == (
        f"{run.number} {run.started_at.astimezone(clerk.library.institution.zone):%Y-%m-%d %H:%M} delivered fees=1 "
        "selected=10.00 file=10.00 ledger=10.00 paid=0.00 outstanding=10.00\n"
    )


def test_status_says_the_number_of_each_import_and_undo_takes_it_back(
    clerk: Clerk, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    fee, paid = exported(clerk), tmp_path / "paid.xml"
    paid.write_bytes(payments((fee.pk, "10.00")))
    main(["bursar", "import", "SIS", "--file", str(paid)])
    file = clerk.last_file()
    capsys.readouterr()
    assert main(["bursar", "status", "SIS"]) == 0
    began = f"{file.started_at.astimezone(clerk.library.institution.zone):%Y-%m-%d %H:%M}"
    assert capsys.readouterr().out.splitlines()[1] == (
        f"import {file.pk} {began} done lines=1 booked=1 paid=10.00 paid.xml"
    )

    assert main(["bursar", "undo-import", str(file.pk), "--reason", "A test file"]) == 0

    assert capsys.readouterr().out == "taken_back=1 total=10.00 left=0\n"
    undone = clerk.last_file()
    assert (undone.state, undone.undone_by, undone.undo_reason) == ("undone", "command line", "A test file")
    assert (state(fee), Fee.objects.get(pk=fee.pk).transferred_minor) == (("EXPORTED", "", 0), 1000)
    with nothing_written():
        assert main(["bursar", "undo-import", str(file.pk), "--reason", "Again"]) == 1
    assert capsys.readouterr().err == "amerce: paid.xml is “Undone” and cannot be undone now.\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["1000000", "--reason", "x"], "There is no import 1000000."),
        (["paid.xml", "--reason", "x"], "There is no import paid.xml."),
        (["NUMBER", "--reason", " "], "Give a reason of at most 500 characters."),
        (["NUMBER", "--reason", "x" * 501], "Give a reason of at most 500 characters."),
    ],
)
def test_an_import_that_is_not_there_or_no_reason_is_one_sentence(
    clerk: Clerk, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    fee = exported(clerk)
    clerk.put(clerk.last_run().profile, "paid.xml", payments((fee.pk, "10.00")))
    main(["bursar", "import", "SIS"])
    capsys.readouterr()

    with nothing_written():
        number = str(clerk.last_file().pk)
        assert main(["bursar", "undo-import", *[number if each == "NUMBER" else each for each in arguments]]) == 1

    assert capsys.readouterr() == ("", f"amerce: {sentence}\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["export", "NONE"], "There is no bursar profile “NONE”; there are: OUT, SIS."),
        (["import", "NONE"], "There is no bursar profile “NONE”; there are: OUT, SIS."),
        (["status", "NONE"], "There is no bursar profile “NONE”; there are: OUT, SIS."),
        (["import", "OUT"], "The profile “Student OUT” does not import: import is switched off."),
        (["export", "SIS"], "The profile “Student SIS” does not export: export is switched off."),
        (["import", "SIS", "--file", "/nowhere.xml"], "/nowhere.xml cannot be read: No such file or directory."),
        (["export", "SIS", "--institution", "GONE"], "There is no institution “GONE”; there are: MAIN."),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_nothing_happens(
    clerk: Clerk, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    clerk.profile("SIS", exports=False)
    clerk.profile("OUT", imports=False)

    with nothing_written():
        assert main(["bursar", *arguments]) == 1

    assert capsys.readouterr() == ("", f"amerce: {sentence}\n")
    assert not BursarRun.objects.exists() and not BursarImport.objects.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["export"],
        ["send", "SIS"],
        ["export", "SIS", "--file", "a.xml"],
        ["export", "SIS", "--check"],
        ["undo-import", "1"],
    ],
)
def test_what_is_typed_wrong_shows_how_it_is_typed(clerk: Clerk, arguments: list[str]) -> None:
    with nothing_written(), pytest.raises(SystemExit) as stopped:
        main(["bursar", *arguments])

    assert stopped.value.code == 2
