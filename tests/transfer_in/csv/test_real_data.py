"""The real loans of a university library, if ``AMERCE_TEST_DATA`` names the folder that holds them."""

import csv
import os
from datetime import date
from pathlib import Path

import pytest

from amerce.circulation.models import Item, Loan
from amerce.circulation.overdue_fines import OVERDUE_FINES
from amerce.ledger.models import PatronAccount, Transfer
from amerce.patrons.models import Patron, UserGroup
from tests.jobs.running import run
from tests.transfer_in.csv.loading import counts, load, row_counts
from tests.world import Library

DATA = Path(os.environ.get("AMERCE_TEST_DATA", "/nonexistent"))

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.money,
    pytest.mark.skipif(not (DATA / "checkouts.csv").is_file(), reason="AMERCE_TEST_DATA names no folder with the data"),
]


def expected_minor(as_of: date) -> int:
    """The fines of the whole file, reckoned row by row without any of our code."""
    total = 0
    with (DATA / "checkouts.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            late_days = (as_of - date.fromisoformat(row["due_date"][:10])).days
            total += min(25 * late_days, 1000) if late_days > 1 else 0
    return total


def test_everything_is_loaded_and_loading_twice_changes_nothing():
    assert (
        counts(load(DATA, is_dry_run=True))
        == counts(load(DATA))
        == [
            ("books.csv", 5665, 0, 0, 0),
            ("borrowers.csv", 721, 0, 0, 1),
            ("checkouts.csv", 1000, 0, 0, 0),
        ]
    )
    assert (Item.objects.count(), Patron.objects.count(), Loan.objects.count()) == (5665, 721, 1000)
    assert Patron.objects.get(primary_id="B000129").first_name == ""
    assert UserGroup.objects.filter(label="Law Students and Staff").exists()
    before = row_counts()

    again = load(DATA)

    assert [(each.made, each.unchanged) for each in again.files] == [(0, 5665), (0, 721), (0, 1000)]
    assert row_counts() == before


def test_fines_are_those_reckoned_row_by_row_and_grow_by_the_difference():
    load(DATA)
    library = Library(Loan.objects.first().institution, Loan.objects.first().library, None, None)

    first = run(library, "overdue-fines", as_of="2024-07-15")
    same = run(library, "overdue-fines", as_of="2024-07-15")
    later = run(library, "overdue-fines", as_of="2024-07-20")

    assert expected_minor(date(2024, 7, 15)) == 437075
    assert expected_minor(date(2024, 7, 20)) == 552450
    assert OVERDUE_FINES.summary(first) == "looked_at=1000 made=1000 raised=0 total=4370.75"
    assert OVERDUE_FINES.summary(same) == "looked_at=1000 made=0 raised=0 total=0.00"
    assert OVERDUE_FINES.summary(later) == "looked_at=1000 made=0 raised=923 total=1153.75"
    assert sum(PatronAccount.objects.values_list("active_minor", flat=True)) == 552450
    assert sum(Transfer.objects.values_list("amount_minor", flat=True)) == 552450


@pytest.mark.parametrize(("day", "total"), [("2024-07-01", "918.00"), ("2024-07-02", "1370.75")])
def test_the_day_of_grace_is_kept_on_the_real_loans(day, total):
    load(DATA)
    library = Library(Loan.objects.first().institution, Loan.objects.first().library, None, None)

    ended = run(library, "overdue-fines", as_of=day)

    assert OVERDUE_FINES.summary(ended).endswith(f"total={total}")
    assert ended.counts["total_minor"] == expected_minor(date.fromisoformat(day))
