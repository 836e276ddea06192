import pytest

from amerce.circulation.models import Item, Loan
from amerce.patrons.models import Patron
from amerce.transfer_in.csv import read
from amerce.transfer_in.outcome import BadRow, ImportRefused
from tests.transfer_in.csv.loading import AT, load, row_counts

pytestmark = pytest.mark.django_db

BOOK = "NA,NA,NA,NA,Book - Physical,GEN,Book"


def add(folder, name, line):
    with (folder / name).open("ab") as file:
        file.write(line if isinstance(line, bytes) else line.encode() + b"\n")


def refused(*paths, **options) -> str:
    """The sentence of the refusal, after which nothing is there, with and without a dry run."""
    before = row_counts()
    with pytest.raises(ImportRefused) as dry:
        load(*paths, is_dry_run=True, **options)
    with pytest.raises(ImportRefused) as real:
        load(*paths, **options)
    assert str(dry.value) == str(real.value)
    assert row_counts() == before
    return str(real.value)


@pytest.mark.parametrize(
    ("file", "line", "sentence"),
    [
        ("books.csv", f"1,Twice,{BOOK},77,NA,NA,NA,1", "books.csv, line 6, column book_id: 1 is on line 2 already."),
        (
            "books.csv",
            f"5,Twice,{BOOK},8696157,NA,NA,NA,1",
            "books.csv, line 6, column barcode: 8696157 is on line 5 already.",
        ),
        ("books.csv", f"5,NA,{BOOK},77,NA,NA,NA,1", "books.csv, line 6, column title: there is no value."),
        (
            "books.csv",
            f"5,{'x' * 501},{BOOK},77,NA,NA,NA,1",
            "books.csv, line 6, column title: 501 characters are more than 500.",
        ),
        (
            "borrowers.csv",
            "129,NA,NA",
            "borrowers.csv, line 6, column borrower_id: B000129 is on line 5 already.",
        ),
        (
            "borrowers.csv",
            "000129,NA,NA",
            "borrowers.csv, line 6, column borrower_id: B000129 is on line 5 already.",
        ),
        ("borrowers.csv", "x1,NA,NA", "borrowers.csv, line 6, column borrower_id: “x1” is not a whole number."),
        ("borrowers.csv", "-1,NA,NA", "borrowers.csv, line 6, column borrower_id: “-1” is not a whole number."),
        ("borrowers.csv", "NA,Faculty,NA", "borrowers.csv, line 6, column borrower_id: there is no value."),
        (
            "borrowers.csv",
            "7,NA,30.5.2020",
            "borrowers.csv, line 6, column creation_date: “30.5.2020” is not a date.",
        ),
        (
            "borrowers.csv",
            "7,NA,0001-01-01",
            "borrowers.csv, line 6, column creation_date: the year 1 cannot be right.",
        ),
        (
            "borrowers.csv",
            "7,Faculty",
            "borrowers.csv, line 6, column creation_date: 2 values where the first line names 3 columns.",
        ),
        ("borrowers.csv", b"7,Facult\xe9,NA\n", "borrowers.csv, line 6, column –: the line is not UTF-8."),
        (
            "checkouts.csv",
            "9,1,NA,2024-01-01,2024-02-01",
            "checkouts.csv, line 5, column book_id: there is no item 9.",
        ),
        (
            "checkouts.csv",
            "3,9,NA,2024-01-01,2024-02-01",
            "checkouts.csv, line 5, column borrower_id: there is no patron 9.",
        ),
        (
            "checkouts.csv",
            "3,1,39007000000012,2024-01-01,2024-02-01",
            "checkouts.csv, line 5, column barcode: 39007000000012 is not the barcode of item 3, 39007000000013.",
        ),
        (
            "checkouts.csv",
            "3,1,NA,2024-02-01,2024-01-31",
            "checkouts.csv, line 5, column due_date: 2024-01-31 is before the loan of 2024-02-01.",
        ),
        ("checkouts.csv", "3,1,NA,NA,2024-01-31", "checkouts.csv, line 5, column loan_date: there is no value."),
        (
            "checkouts.csv",
            "3,1,NA,2024-01-01,2024-02-30",
            "checkouts.csv, line 5, column due_date: “2024-02-30” is not a date.",
        ),
        (
            "checkouts.csv",
            "1,129,NA,2019-05-15,2024-06-30",
            "checkouts.csv, line 5, column book_id: the same loan is on line 2 already.",
        ),
        (
            "checkouts.csv",
            "1,2,NA,2024-01-01,2024-02-01",
            "checkouts.csv, line 5, column book_id: item 1 is out on line 2 already.",
        ),
    ],
)
def test_a_bad_row_is_refused_with_file_line_column_and_reason_and_nothing_is_written(folder, file, line, sentence):
    add(folder, file, line)

    assert refused(folder) == sentence


def test_the_line_is_the_one_on_which_the_row_begins(folder):
    add(folder, "books.csv", f'5,"A title\nof three\nlines",{BOOK},77,NA,NA,NA,1')
    add(folder, "books.csv", f"6,NA,{BOOK},78,NA,NA,NA,1")

    assert refused(folder) == "books.csv, line 9, column title: there is no value."


def test_a_bad_row_says_where_it_is_also_to_programs(folder):
    add(folder, "borrowers.csv", "x1,NA,NA")

    with pytest.raises(BadRow) as refusal:
        load(folder)

    assert (refusal.value.file, refusal.value.line, refusal.value.column) == ("borrowers.csv", 6, "borrower_id")


def test_an_open_quotation_mark_is_refused(folder):
    add(folder, "borrowers.csv", '7,"Faculty,NA')

    assert refused(folder).startswith("borrowers.csv, line 6, column –: ")


def test_a_line_without_end_does_not_fill_the_memory(folder, monkeypatch):
    monkeypatch.setattr(read, "LINE_LIMIT", 1000)
    add(folder, "borrowers.csv", "7," + "x" * 2000 + ",NA")

    assert refused(folder) == "borrowers.csv, line 6, column –: the line is too long."


def test_a_missing_file_is_refused(folder):
    (folder / "checkouts.csv").unlink()

    assert refused(folder) == f"There is no file {folder}/checkouts.csv."


def test_a_missing_folder_is_refused(folder):
    assert refused(folder / "nowhere") == f"There is no file {folder}/nowhere."


def test_a_file_the_mapping_does_not_know_is_refused(folder):
    (folder / "fines.csv").write_text("id\n1\n")

    assert refused(folder / "fines.csv") == (
        "The mapping says nothing of fines.csv; it describes books.csv, borrowers.csv, checkouts.csv."
    )


def test_an_empty_file_is_refused(folder):
    (folder / "borrowers.csv").write_bytes(b"")

    assert refused(folder) == "borrowers.csv is empty: not even column names."


def test_a_missing_column_is_refused_with_those_there_are(folder):
    (folder / "borrowers.csv").write_text("id,user_group,creation_date\n1,NA,NA\n")

    assert refused(folder) == (
        "borrowers.csv has no column “borrower_id”; its first line names id, user_group, creation_date."
    )


def test_a_column_named_twice_is_refused(folder):
    (folder / "borrowers.csv").write_text("borrower_id,user_group,creation_date,borrower_id\n1,NA,NA,2\n")

    assert refused(folder) == "borrowers.csv has the column “borrower_id” twice."


def test_a_barcode_of_another_item_here_is_refused(folder):
    load(folder)
    (folder / "books.csv").write_text(
        (folder / "books.csv").read_text().splitlines()[0] + f"\n50,New,{BOOK},8696157,NA,NA,NA,1\n"
    )

    assert refused(folder / "books.csv") == "books.csv, line 2, column barcode: 8696157 is another item's here."


def test_an_item_that_is_out_on_another_loan_here_is_refused(folder):
    load(folder)
    Loan.objects.create(
        institution=(item := Item.objects.get(source_id="3")).institution,
        library=item.library,
        item=item,
        patron=Patron.objects.get(primary_id="B000001"),
        loaned_at=AT,
        due_at=AT,
    )
    add(folder, "checkouts.csv", "3,2,NA,2024-01-01,2024-02-01")

    assert refused(folder) == "checkouts.csv, line 5, column book_id: item 3 is out on another loan here."


def test_a_bad_last_row_takes_back_all_batches_before_it(folder):
    for number in range(100, 1700):
        add(folder, "borrowers.csv", f"{number + 100},New Group,NA")
    add(folder, "borrowers.csv", "x1,NA,NA")

    assert refused(folder) == "borrowers.csv, line 1606, column borrower_id: “x1” is not a whole number."
