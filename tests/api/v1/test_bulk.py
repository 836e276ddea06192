"""Bulk waiving by a program: previewed, started once under a key, followed, taken back (rows B15, G4)."""

import pytest

from amerce.bulk.models import BulkWaiver
from amerce.charges.models import Fee
from amerce.events.models import Event
from amerce.jobs.models import JobRun
from amerce.ledger.models import Transfer
from tests.api.programs import Program, problem, read
from tests.bulk.waiving import finish
from tests.charges.acts import Desk
from tests.charges.checks import assert_books_agree, nothing_written
from tests.world import Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]
CRITERIA = {"threshold": "100.00", "groups": "ALL", "types": "ALL"}
KEY = {"Idempotency-Key": "B-1"}


def body(confirmed: str = "23.50", **criteria: object) -> dict[str, object]:
    return {"criteria": {**CRITERIA, **criteria}, "reason": "OTHER", "comment": "Amnesty", "confirmed": confirmed}


def test_the_preview_says_what_would_be_waived_and_changes_nothing(program: Program, desk: Desk) -> None:
    desk.charge(2350)

    with nothing_written():
        shown = program.post("/bulk-waivers/preview", CRITERIA)
        below = program.post("/bulk-waivers/preview", {**CRITERIA, "threshold": "23.49"})

    assert shown["parts"]["waived"] == {"patrons": 1, "fees": 1, "amount": "23.50"}
    assert [(each["fees"], each["amount"]) for each in shown["by_type"]] == [(1, "23.50")]
    assert below["parts"]["waived"]["fees"] == 0


def test_it_is_started_once_runs_and_is_taken_back(program: Program, desk: Desk) -> None:
    fee = desk.charge(2350)

    started = program.call("post", "/bulk-waivers", body(), **KEY)
    again = program.call("post", "/bulk-waivers", body(), **KEY)

    made = read(started)
    assert (made["started_by"], made["run"]["state"], made["undo_run"]) == ("Portal", "queued", None)
    assert (read(again)["id"], again["Amerce-Replayed"], JobRun.objects.count()) == (made["id"], "true", 1)
    path = f"/bulk-waivers/{made['id']}"
    assert problem(program, "post", f"{path}/undo") == (409, "still_running")
    finish(int(made["run"]["id"]))
    assert Fee.objects.get(pk=fee.pk).remaining_minor == 0
    assert program.get(path)["run"]["counts"]["total_minor"] == 2350

    undone = program.post(f"{path}/undo")
    finish(int(undone["undo_run"]["id"]))

    assert Fee.objects.get(pk=fee.pk).remaining_minor == 2350
    assert program.get(path)["undo_run"]["state"] == "done"
    moved = Transfer.objects.exclude(kind="CHARGE").values_list("actor_name", "library_id")
    assert set(moved) == {("Portal", None)} and moved.count() == 2
    told = Event.objects.filter(patron_id=desk.patron.pk).exclude(name="fee.assessed")
    assert {each.actor_name for each in told} == {"Portal"}
    assert program.call("post", f"{path}/undo")["Amerce-Replayed"] == "true"
    assert_books_agree()


def test_waivers_are_paged_by_the_last_that_is_known(program: Program, desk: Desk) -> None:
    desk.charge(2350)
    for number in range(3):
        program.post("/bulk-waivers", body(), **{"Idempotency-Key": f"B-{number}"})

    first = program.get("/bulk-waivers?limit=2")
    rest = program.get(f"/bulk-waivers?limit=2&before={first['next']}")

    ids = [each["id"] for each in first["bulk_waivers"] + rest["bulk_waivers"]]
    assert ids == [str(each) for each in BulkWaiver.objects.order_by("-pk").values_list("pk", flat=True)]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("sent", "refusal"),
    [
        (body("23.49"), (409, "total_differs")),
        (body("23,50"), (422, "amount_malformed")),
        (body(threshold="0.00"), (422, "amount_not_positive")),
        (body(groups=[]), (422, "nothing_chosen_of")),
        (body(types=[]), (422, "nothing_chosen_of")),
        (body(groups=["NOBODY"]), (422, "choice_unknown")),
        (body(groups=["\0"]), (422, "choice_unknown")),
        (body(types=["NOTHING"]), (422, "choice_unknown")),
        (body(created_from="2026-03-02", created_to="2026-03-01"), (422, "days_reversed")),
        (body(created_to="9999-12-31"), (422, "malformed")),
        (body(types=["LOCKERKEY"]), (409, "nothing_to_waive")),
        ({**body(), "reason": "WHIM"}, (422, "reason_unknown")),
    ],
)
def test_what_cannot_be_waived_so_is_refused(program: Program, desk: Desk, sent, refusal) -> None:  # type: ignore[no-untyped-def]
    desk.charge(2350)

    with nothing_written():
        assert problem(program, "post", "/bulk-waivers", sent, **KEY) == refusal
    assert not BulkWaiver.objects.exists()


def test_a_key_is_a_must_and_stands_for_one_request(program: Program, desk: Desk) -> None:
    desk.charge(2350)

    assert problem(program, "post", "/bulk-waivers", body()) == (422, "key_missing")
    program.post("/bulk-waivers", body(), **KEY)
    assert problem(program, "post", "/bulk-waivers", {**body(), "comment": "Other"}, **KEY) == (409, "key_reused")
    assert BulkWaiver.objects.count() == 1


def test_nobody_sees_or_undoes_the_waiver_of_another_institution(
    program: Program, desk: Desk, other_library: Library
) -> None:
    desk.charge(2350)
    made = program.post("/bulk-waivers", body(), **KEY)
    other = Program.of(other_library, base="/api/v1")

    assert problem(other, "get", f"/bulk-waivers/{made['id']}") == (404, "row_not_found")
    assert problem(other, "post", f"/bulk-waivers/{made['id']}/undo") == (404, "row_not_found")
    assert other.get("/bulk-waivers")["bulk_waivers"] == []


def test_a_key_of_one_library_waives_nothing_in_bulk(library: Library, desk: Desk) -> None:
    desk.charge(2350)
    bound = Program.of(library, name="Branch", base="/api/v1", library_id=library.library.pk)

    assert problem(bound, "post", "/bulk-waivers/preview", CRITERIA) == (403, "scope_missing")
    assert problem(bound, "post", "/bulk-waivers", body(), **KEY) == (403, "scope_missing")
    assert not BulkWaiver.objects.exists() and not JobRun.objects.exists()
