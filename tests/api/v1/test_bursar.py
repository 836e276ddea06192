"""Exports to the bursar by a program: queued once, followed, fetched, acknowledged, taken back (rows D1, G4)."""

import hashlib

import pytest

from amerce.bursar.models import BursarRun
from amerce.charges.models import Fee
from amerce.jobs.models import JobRun
from tests.api.programs import Program, problem, read
from tests.bulk.waiving import finish
from tests.bursar.conftest import books_agree, clerk, own_files  # noqa: F401
from tests.bursar.desk import Clerk
from tests.charges.checks import nothing_written
from tests.world import Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def exported(program: Program, clerk: Clerk, **columns: object) -> str:  # noqa: F811
    """The path of an export of one fee of 12.00."""
    clerk.profile(**columns)
    clerk.desk.charge(1200)
    finish(int(program.post("/bursar-profiles/SIS/runs")["id"]))
    return f"/bursar-runs/{clerk.last_run().pk}"


def test_an_export_is_queued_once_under_a_key(program: Program, clerk: Clerk) -> None:  # noqa: F811
    clerk.profile()
    key = {"Idempotency-Key": "E-1"}
    assert program.get("/bursar-profiles") == {"profiles": [{"code": "SIS", "name": "Student SIS"}]}

    first = program.post("/bursar-profiles/SIS/runs", **key)
    again = program.call("post", "/bursar-profiles/SIS/runs", **key)

    assert (first["job"], first["subject"], first["started_by"]) == ("bursar-export", "Student SIS", "Portal")
    assert (read(again)["id"], again["Amerce-Replayed"], JobRun.objects.count()) == (first["id"], "true", 1)
    assert problem(program, "post", "/bursar-profiles/NONE/runs") == (422, "job_refused")
    assert problem(program, "post", "/bursar-profiles/NONE/runs", **key) == (409, "key_reused")


@pytest.mark.parametrize("odd", ["a\0b", "\ud800"])
def test_a_parameter_that_nobody_can_keep_is_refused(program: Program, clerk: Clerk, odd: str) -> None:  # noqa: F811
    clerk.profile()

    with nothing_written():
        answers = [
            program.call("post", "/jobs/bursar-import/runs", {"params": params})
            for params in ({"profile": odd}, {"profile": "SIS", "upload": odd}, {odd: "SIS"})
        ]
        answers.append(program.call("post", "/bursar-profiles/a%00b/runs"))

    assert [(each.status_code, each.json()["code"]) for each in answers] == [(422, "job_refused")] * 4


def test_a_delivered_export_is_read_fetched_and_acknowledged(program: Program, clerk: Clerk) -> None:  # noqa: F811
    path = exported(program, clerk)

    told = program.get(path)
    lines = program.get(f"{path}/lines")
    file = program.call("post", f"{path}/file")

    assert (told["profile"], told["state"], told["file_fees"], told["file_amount"]) == ("SIS", "delivered", 1, "12.00")
    assert (told["ledger_amount"], told["difference"], told["outstanding"]) == ("12.00", "0.00", "12.00")
    assert [(each["patron"], each["state"], each["exported"], each["paid"]) for each in lines["lines"]] == [
        ("jdoe", "posted", "12.00", "0.00")
    ]
    sent = b"".join(file)
    assert (file.status_code, file["Content-Type"]) == (200, "application/xml")
    assert hashlib.sha256(sent).hexdigest() == told["file_sha256"] and sent == clerk.delivered()
    assert program.put(f"{path}/acknowledgement")["state"] == "acknowledged"
    assert program.put(f"{path}/acknowledgement")["state"] == "acknowledged"
    with nothing_written():
        assert problem(program, "post", f"{path}/undo") == (409, "run_state_forbids")


def test_an_export_that_waits_to_be_downloaded_is_taken_back(program: Program, clerk: Clerk) -> None:  # noqa: F811
    path = exported(program, clerk, destination="download", folder="")
    assert Fee.objects.get().transferred_minor == 1200
    assert problem(program, "put", f"{path}/acknowledgement") == (409, "run_state_forbids")

    finish(int(program.post(f"{path}/undo")["id"]))

    assert program.get(path)["state"] == "undone"
    assert (Fee.objects.get().transferred_minor, Fee.objects.get().remaining_minor) == (0, 1200)
    assert problem(program, "post", f"{path}/file") == (409, "run_state_forbids")


def test_exports_are_paged_and_found_by_profile(program: Program, clerk: Clerk) -> None:  # noqa: F811
    exported(program, clerk)
    other = clerk.profile("LAW")
    clerk.desk.charge(100)
    clerk.export(other)

    first = program.get("/bursar-runs?limit=1")
    rest = program.get(f"/bursar-runs?limit=1&before={first['next']}")

    assert [each["profile"] for each in first["bursar_runs"] + rest["bursar_runs"]] == ["LAW", "SIS"]
    assert rest["next"] is None
    assert [each["profile"] for each in program.get("/bursar-runs?profile=SIS")["bursar_runs"]] == ["SIS"]


def test_nobody_touches_the_exports_of_another_institution(
    program: Program,
    clerk: Clerk,  # noqa: F811
    other_library: Library,
) -> None:
    path = exported(program, clerk)
    other = Program.of(other_library, base="/api/v1")

    for method, each in (("get", path), ("get", f"{path}/lines"), ("post", f"{path}/file"), ("post", f"{path}/undo")):
        assert problem(other, method, each) == (404, "row_not_found")
    assert problem(other, "put", f"{path}/acknowledgement") == (404, "row_not_found")
    assert other.get("/bursar-runs")["bursar_runs"] == []
    assert BursarRun.objects.get().state == "delivered"


def test_a_key_of_one_library_exports_nothing(library: Library, clerk: Clerk) -> None:  # noqa: F811
    clerk.profile()
    bound = Program.of(library, name="Branch", base="/api/v1", library_id=library.library.pk)

    assert problem(bound, "post", "/bursar-profiles/SIS/runs") == (403, "scope_missing")
    assert not JobRun.objects.exists()
