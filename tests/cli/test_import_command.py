import shutil
from pathlib import Path

import pytest

from amerce.cli.main import main
from amerce.institutions.models import Institution

pytestmark = pytest.mark.django_db

FILES = Path(__file__).parents[1] / "transfer_in" / "csv" / "files"


def test_it_reports_what_was_made_and_what_was_skipped(capsys):
    assert main(["import", "csv", str(FILES)]) == 0

    assert capsys.readouterr().out.splitlines() == [
        "Loaded into MAIN.",
        "books.csv: 4 made, 0 unchanged, 0 skipped",
        "borrowers.csv: 3 made, 0 unchanged, 1 skipped (without any value: line 4)",
        "checkouts.csv: 3 made, 0 unchanged, 0 skipped",
        "1 new group: Faculty and Staff",
    ]


def test_a_second_time_everything_is_unchanged(capsys):
    main(["import", "csv", str(FILES)])
    capsys.readouterr()

    assert main(["import", "csv", str(FILES)]) == 0

    assert capsys.readouterr().out.splitlines() == [
        "Loaded into MAIN.",
        "books.csv: 0 made, 4 unchanged, 0 skipped",
        "borrowers.csv: 0 made, 3 unchanged, 1 skipped (without any value: line 4)",
        "checkouts.csv: 0 made, 3 unchanged, 0 skipped",
    ]


def test_a_dry_run_says_so_and_writes_nothing(capsys):
    assert main(["import", "csv", str(FILES), "--dry-run", "--institution", "DAVIS"]) == 0

    out = capsys.readouterr().out
    assert out.startswith("Dry run into DAVIS: this is what would be done, nothing was written.\nbooks.csv: 4 made")
    assert not Institution.objects.exists()


def test_it_loads_into_the_institution_it_is_told(capsys):
    assert main(["import", "csv", str(FILES), "--institution", "DAVIS"]) == 0

    assert Institution.objects.get().code == "DAVIS"


def test_a_bad_row_is_one_sentence_and_nothing_is_loaded(tmp_path, capsys):
    shutil.copytree(FILES, tmp_path, dirs_exist_ok=True)
    with (tmp_path / "borrowers.csv").open("a") as file:
        file.write("x1,NA,NA\n")

    assert main(["import", "csv", str(tmp_path)]) == 1

    assert capsys.readouterr() == (
        "",
        "amerce: borrowers.csv, line 6, column borrower_id: “x1” is not a whole number. Nothing was loaded.\n",
    )
    assert not Institution.objects.exists()


@pytest.mark.parametrize("arguments", [[], ["csv"], ["marc", "folder"], ["csv", "folder", "--fast"]])
def test_a_wrong_usage_is_exit_code_2(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["import", *arguments])

    assert ended.value.code == 2
