"""What a key that is held to one library sees and does at our own interface, and in the report of the dialect."""

import pytest

from amerce.access.models import ApiKey
from amerce.institutions.models import Library as LibraryRow
from amerce.jobs.models import JobRun
from tests.api.programs import BASE, Program, problem
from tests.charges.acts import Desk
from tests.world import Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]
REPORT = "/conf/utilities/fee-transactions"


@pytest.fixture
def science(library: Library) -> LibraryRow:
    return LibraryRow.objects.create(institution=library.institution, code="SCI", name="Science")


def program_of(library: Library, row: LibraryRow, base: str = "/api/v1") -> Program:
    return Program.of(library, name=f"{row.code} {base}", base=base, library_id=row.pk)


def test_the_feed_has_what_was_done_in_the_library(library: Library, science: LibraryRow, desk: Desk) -> None:
    desk.charge(1000)
    desk.pay()
    here, there = program_of(library, library.library), program_of(library, science)

    told = here.get("/events?name=fee.&limit=500")["events"]

    assert [(each["name"], each["library"]) for each in told] == [
        ("fee.assessed", str(library.library.pk)), ("fee.paid", str(library.library.pk)),
    ]  # fmt: skip
    assert there.get("/events?limit=500")["events"] == []
    everything = Program.of(library, name="All", base="/api/v1").get("/events?limit=500")["events"]
    assert {each["library"] for each in everything} == {None, str(library.library.pk)}


def test_transfers_of_everybody_are_those_of_the_fees_it_owns(
    library: Library, science: LibraryRow, desk: Desk
) -> None:
    ours = desk.charge(1000)
    desk.charge(700, "CARDRENEWAL")  # which the institution owns
    desk.pay(ours)

    found = program_of(library, library.library).get("/transfers")["transfers"]

    assert [(each["kind"], each["fee"]) for each in found] == [("CHARGE", str(ours.pk)), ("PAYMENT", str(ours.pk))]
    assert program_of(library, science).get("/transfers") == {"transfers": [], "next": None}


def test_the_report_is_of_the_fees_it_owns_and_of_no_other_owner(
    library: Library, science: LibraryRow, desk: Desk
) -> None:
    desk.pay(desk.charge(1000))
    desk.pay(desk.charge(700, "CARDRENEWAL"))
    here, there = program_of(library, library.library, BASE), program_of(library, science, BASE)

    assert (here.get(REPORT)["total_record_count"], there.get(REPORT)["total_record_count"]) == (1, 0)
    assert here.get(f"{REPORT}?owner=MAIN")["total_record_count"] == 1
    assert here.refused("get", f"{REPORT}?owner=SCI") == (400, "60340")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "/jobs", None),
        ("get", "/job-runs", None),
        ("get", "/job-runs/1", None),
        ("get", "/job-runs/1/report", None),
        ("get", "/job-runs/1/report.csv", None),
        ("post", "/jobs/overdue-fines/runs", {"params": {}}),
        ("post", "/bulk-waivers/preview", {"threshold": "100.00", "groups": "ALL", "types": "ALL"}),
        ("get", "/bulk-waivers", None),
        ("get", "/bursar-profiles", None),
        ("get", "/bursar-runs", None),
        ("get", "/bursar-runs/1", None),
        ("get", "/bursar-runs/1/lines", None),
        ("post", "/bursar-runs/1/file", None),
    ],
)
def test_what_goes_over_all_libraries_is_refused(library: Library, desk: Desk, method: str, path: str, body) -> None:  # type: ignore[no-untyped-def]
    desk.charge(1000)
    program = Program.of(library, base="/api/v1")
    ApiKey.objects.update(library_id=library.library.pk)  # as a key that was made when that was possible

    assert problem(program, method, path, body) == (403, "scope_missing")
    assert not JobRun.objects.exists()
