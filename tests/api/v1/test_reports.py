"""Reports for programs: the transactions of some days and what a run had to tell, in pages and as files."""

import csv
from datetime import timedelta
from typing import Any

import pytest

from amerce.institutions import models as places
from amerce.jobs.models import JobRun, RunEventRow
from amerce.ledger.models import Transfer
from tests.api.programs import Program, problem
from tests.charges.acts import Desk
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]
REPORT = "/reports/fee-transactions"
MARCH = "since=2026-03-01&until=2026-03-31"


def table(program: Program, path: str) -> list[dict[str, Any]]:
    response = program.call("get", path)
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(b"".join(response).decode().splitlines()))  # type: ignore[arg-type]


def test_the_transactions_of_the_days_are_paged_and_can_be_chosen(program: Program, desk: Desk) -> None:
    fee = desk.charge(1000, days_ago=3)
    desk.pay(fee, amount=300)
    desk.waive(fee, amount=100)
    Desk(desk.library, NOON + timedelta(days=40)).pay(amount=50)

    def kinds(query: str) -> list[str]:
        return [each["kind"] for each in program.get(f"{REPORT}?{query}")["transfers"]]

    assert kinds(MARCH) == ["PAYMENT", "WAIVE"]
    assert kinds("since=2026-02-27&until=2026-02-27") == ["CHARGE"]
    assert kinds("since=2026-02-01&until=2026-12-31") == ["CHARGE", "PAYMENT", "WAIVE", "PAYMENT"]
    assert kinds(f"{MARCH}&kind=WAIVE") == ["WAIVE"]
    assert kinds(f"{MARCH}&method=CASH") == ["PAYMENT"]
    assert kinds(f"{MARCH}&library=MAIN&owner=MAIN") == ["PAYMENT", "WAIVE"]
    assert kinds(f"{MARCH}&kind=%00") == kinds("since=2026-01-01&until=2026-01-02") == []
    first = program.get(f"{REPORT}?{MARCH}&limit=1")
    assert (len(first["transfers"]), kinds(f"{MARCH}&after={first['next']}")) == (1, ["WAIVE"])


def test_the_same_is_a_file_with_a_line_each(program: Program, desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.pay(fee, amount=300, external_transaction_id="=T-1")

    response = program.call("get", f"{REPORT}.csv?{MARCH}")
    lines = table(program, f"{REPORT}.csv?{MARCH}")

    assert response["Content-Disposition"] == 'attachment; filename="fee-transactions-2026-03-01-2026-03-31.csv"'
    assert [each["id"] for each in lines] == [str(each) for each in Transfer.objects.values_list("pk", flat=True)]
    assert (lines[1]["kind"], lines[1]["amount"], lines[1]["library"], lines[1]["corrects"]) == (
        "PAYMENT", "3.00", "MAIN", "",
    )  # fmt: skip
    assert lines[1]["external_transaction_id"] == "'=T-1"


def test_a_file_is_read_slice_by_slice(program: Program, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("amerce.api.v1.csv_file.SLICE", 2)
    for _each in range(5):
        desk.charge(100)

    assert len(table(program, f"{REPORT}.csv?{MARCH}")) == 5


def test_days_and_libraries_that_are_none_are_refused(program: Program, other_library: Library) -> None:
    assert problem(program, "get", f"{REPORT}?since=2026-03-02&until=2026-03-01") == (422, "days_reversed")
    assert problem(program, "get", f"{REPORT}?since=yesterday") == (422, "malformed")
    assert problem(program, "get", f"{REPORT}?owner=OTHER&{MARCH}") == (422, "choice_unknown")
    assert problem(program, "get", f"{REPORT}.csv?library=NONE") == (422, "choice_unknown")


def test_nobody_sees_another_institution_and_a_key_of_one_library_no_other_library(
    program: Program, desk: Desk, other_library: Library
) -> None:
    desk.charge(1000)
    other_library.charge(700)
    branch = places.Library.objects.create(institution=desk.library.institution, code="BRANCH", name="Branch")
    held = Program.of(desk.library, "reports:read", name="Held", base="/api/v1", library_id=branch.pk)
    mine = Program.of(desk.library, "reports:read", name="Mine", base="/api/v1", library_id=desk.library.library.pk)

    assert [each["amount"] for each in program.get(f"{REPORT}?{MARCH}")["transfers"]] == ["10.00"]
    for path in (f"{REPORT}?{MARCH}", "/transfers"):
        assert held.get(path)["transfers"] == []
        assert len(mine.get(path)["transfers"]) == 1


def test_the_report_of_a_run_is_a_file_with_its_data_in_columns(program: Program, library: Library) -> None:
    program.post("/jobs/overdue-fines/runs", {"params": {}})
    run = JobRun.objects.get()
    for number, data in enumerate([{"fee_id": 1, "status": "=1+1"}, {"fee_id": 2, "fee_ids": [3, 4]}], start=1):
        RunEventRow.objects.create(
            institution=library.institution, run=run, number=number, level="info", code="x.y", data=data, at=NOON
        )

    assert table(program, f"/job-runs/{run.pk}/report.csv") == [
        {"number": "1", "at": "2026-03-02T12:00:00Z", "level": "info", "code": "x.y", "fee_id": "1", "status": "'=1+1",
         "fee_ids": ""},
        {"number": "2", "at": "2026-03-02T12:00:00Z", "level": "info", "code": "x.y", "fee_id": "2", "status": "",
         "fee_ids": "[3, 4]"},
    ]  # fmt: skip
    assert problem(program, "get", "/job-runs/0/report.csv") == (404, "row_not_found")


@pytest.mark.parametrize(
    ("path", "scope"),
    [(REPORT, "reports:read"), (f"{REPORT}.csv", "reports:read"), ("/job-runs/1/report.csv", "jobs:read")],
)
def test_each_report_takes_its_scope(library: Library, path: str, scope: str) -> None:
    without = Program.of(library, "conf:read", name="Without", base="/api/v1")
    with_it = Program.of(library, scope, name="With", base="/api/v1")

    assert problem(without, "get", path) == (403, "scope_missing")
    assert with_it.call("get", path).status_code != 403
