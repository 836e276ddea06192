"""Our own interface: balances, transfers, disputes, corrections, refunds, jobs and the event feed (rows G1, G4)."""

import pytest

from amerce.events.models import Event
from amerce.jobs.models import JobRun, RunEventRow
from amerce.ledger.models import Transfer
from tests.api.programs import Program, problem, read
from tests.charges.acts import Desk
from tests.charges.checks import nothing_written
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]
ME = "/patrons/jdoe"
CRITERIA = {"threshold": "100.00", "groups": "ALL", "types": "ALL"}


def test_balances_are_decimals_with_all_places(program: Program, desk: Desk) -> None:
    desk.charge(2350)
    desk.dispute(desk.charge(100))

    assert program.get(f"{ME}/balances") == {
        "patron": "jdoe", "currency": "USD", "active": "23.50", "disputed": "1.00", "transferred": "0.00", "seq": 3,
    }  # fmt: skip


def test_transfers_are_paged_by_the_last_that_is_known(program: Program, desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.pay(fee, amount=300, external_transaction_id="T-1")
    desk.waive(fee, amount=100)

    first = program.get(f"{ME}/transfers?limit=2")
    rest = program.get(f"{ME}/transfers?limit=2&after={first['next']}")

    assert [each["kind"] for each in first["transfers"] + rest["transfers"]] == ["CHARGE", "PAYMENT", "WAIVE"]
    assert rest["next"] is None
    paid = first["transfers"][1]
    assert (paid["amount"], paid["method"], paid["external_transaction_id"], paid["fee"], paid["desk"]) == (
        "3.00", "CASH", "T-1", str(fee.pk), "DESK1",
    )  # fmt: skip
    assert [each["id"] for each in program.get("/transfers?limit=500")["transfers"]] == [
        str(each) for each in Transfer.objects.order_by("pk").values_list("pk", flat=True)
    ]


def test_a_fee_is_disputed_and_restored_as_a_resource(program: Program, desk: Desk) -> None:
    fee = desk.charge(1000)
    path = f"{ME}/fees/{fee.pk}/dispute"

    assert program.put(path, {"comment": "Not mine"})["disputed"] == "10.00"
    assert problem(program, "put", path) == (409, "status_forbids")
    assert read(program.call("delete", path))["active"] == "10.00"
    assert Transfer.objects.filter(note__text="Not mine").count() == 1


def test_transfers_are_taken_back_once_under_a_key(program: Program, desk: Desk) -> None:
    fee = desk.charge(1000)
    paid = desk.pay(fee, amount=300)
    ids = [str(each.pk) for each in Transfer.objects.filter(payment_id=paid.payment_id)]
    key = {"Idempotency-Key": "C-1"}

    done = program.call("post", f"{ME}/corrections", {"transfers": ids}, **key)
    again = program.call("post", f"{ME}/corrections", {"transfers": ids}, **key)

    assert read(done)["active"] == "10.00" and read(done) == read(again)
    assert again["Amerce-Replayed"] == "true"
    with nothing_written():
        assert problem(program, "post", f"{ME}/corrections", {"transfers": ids}) == (409, "already_corrected")
        assert problem(program, "post", f"{ME}/corrections", {"transfers": ["x"]}) == (404, "transfer_not_found")
        assert problem(program, "post", f"{ME}/corrections", {"transfers": []}) == (422, "nothing_chosen")
        assert problem(program, "post", f"{ME}/corrections", {"transfers": ids[:1], "comment": "o"}, **key) == (
            409, "key_conflict",
        )  # fmt: skip


def test_what_was_paid_is_given_back(program: Program, desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.pay(fee)
    body = {"fee": str(fee.pk), "amount": "4.00", "method": "CASH"}

    assert program.post(f"{ME}/refunds", body)["lines"][0]["amount"] == "4.00"
    with nothing_written():
        assert problem(program, "post", f"{ME}/refunds", {**body, "amount": "6.01"}) == (422, "more_than_paid")
        assert problem(program, "post", f"{ME}/refunds", {**body, "amount": "4,00"}) == (422, "amount_malformed")
        assert problem(program, "post", f"{ME}/refunds", {**body, "amount": 4.0}) == (422, "malformed")
        assert problem(program, "post", f"{ME}/refunds", {**body, "method": "GOLD"}) == (422, "method_unknown")
        assert problem(program, "post", f"{ME}/refunds", {**body, "fee": "0"}) == (404, "fee_not_found")
        assert problem(program, "post", f"{ME}/refunds", "{") == (400, "malformed")


def test_nobody_and_nothing_are_404(program: Program, other_library: Library) -> None:
    other_library.new_patron("elsewhere")
    assert problem(program, "get", "/patrons/nobody/balances") == (404, "patron_not_found")
    assert problem(program, "get", "/patrons/elsewhere/balances") == (404, "patron_not_found")
    assert problem(program, "get", "/nothing") == (404, "not_found")
    assert problem(program, "post", f"{ME}/balances") == (405, "method_not_allowed")
    assert problem(Program("amk_no", base="/api/v1"), "get", "/nothing") == (401, "unauthorized")


def test_the_feed_tells_everything_after_what_is_known(program: Program, desk: Desk) -> None:
    desk.charge(1000)
    told = program.get("/events?name=fee.&limit=500")
    assert [(each["name"], each["data"]["lines"][0]["amount_minor"]) for each in told["events"]] == [
        ("fee.assessed", 1000)
    ]
    last = Event.objects.latest("pk").pk
    desk.pay()

    later = program.get(f"/events?after={last}")

    assert [each["name"] for each in later["events"]] == ["fee.paid"]
    assert later["events"][0]["patron"] == str(desk.patron.pk)
    assert program.get(f"/events?after={later['events'][-1]['id']}")["events"] == []


def test_the_feed_holds_its_mark_back_where_an_earlier_event_may_still_come(program: Program, desk: Desk) -> None:
    from datetime import timedelta

    from django.db import connection

    from amerce.events.queries import settled_until

    desk.charge(1000)
    events = list(Event.objects.order_by("pk"))
    last = events[-1].pk

    soon = settled_until(events, 0, NOON + timedelta(seconds=1))
    assert soon == (last if connection.vendor == "sqlite" else 0)
    assert settled_until(events, 0, NOON + timedelta(minutes=2)) == last


@pytest.mark.parametrize(
    "path",
    ["/events?after=", "/transfers?after=", f"{ME}/transfers?after=", "/job-runs?before=", "/bulk-waivers?before=",
     "/bursar-runs?before=", "/reports/fee-transactions?after="],
)  # fmt: skip
def test_a_list_does_not_begin_anew_after_a_mark_that_is_none(program: Program, desk: Desk, path: str) -> None:
    desk.charge(1000)

    for mark in ("abc", "99999999999999999999", "-1", "١"):
        assert problem(program, "get", f"{path}{mark}") == (422, "malformed")
    assert program.call("get", path).status_code == program.call("get", f"{path}0").status_code == 200


def test_a_job_is_started_and_followed(program: Program, library: Library) -> None:
    assert "overdue-fines" in {each["name"] for each in program.get("/jobs")["jobs"]}

    started = program.post("/jobs/overdue-fines/runs", {"params": {}})

    run = JobRun.objects.get()
    assert (started["id"], started["state"], started["started_by"]) == (str(run.pk), "queued", "Portal")
    RunEventRow.objects.create(
        institution=library.institution, run=run, number=1, level="info", code="x.y", data={"a": 1}, at=NOON
    )
    assert program.get(f"/job-runs/{run.pk}")["job"] == "overdue-fines"
    assert program.get(f"/job-runs/{run.pk}/report")["lines"][0]["code"] == "x.y"
    assert [each["id"] for each in program.get("/job-runs")["runs"]] == [str(run.pk)]
    assert problem(program, "post", "/jobs/nothing/runs", {"params": {}}) == (422, "job_refused")
    assert problem(program, "post", "/jobs/overdue-fines/runs", {"params": {"x": "y"}}) == (422, "job_refused")
    assert problem(program, "get", "/job-runs/0") == (404, "row_not_found")


def test_a_job_is_started_once_under_a_key(program: Program) -> None:
    key = {"Idempotency-Key": "J-1"}
    started = program.call("post", "/jobs/overdue-fines/runs", {"params": {}}, **key)
    again = program.call("post", "/jobs/overdue-fines/runs", {"params": {}}, **key)

    assert read(again)["id"] == read(started)["id"]
    assert (started.get("Amerce-Replayed"), again["Amerce-Replayed"]) == (None, "true")
    export = {"params": {"profile": "SIS"}}
    assert problem(program, "post", "/jobs/bursar-export/runs", export, **key) == (409, "key_reused")
    assert JobRun.objects.count() == 1
    program.post("/jobs/overdue-fines/runs", {"params": {}})
    program.post("/jobs/overdue-fines/runs", {"params": {}})
    assert JobRun.objects.count() == 3


@pytest.mark.parametrize(
    ("method", "path", "body", "scope"),
    [
        ("get", f"{ME}/balances", None, "fees:read"),
        ("get", f"{ME}/transfers", None, "fees:read"),
        ("get", "/transfers", None, "reports:read"),
        ("put", f"{ME}/fees/1/dispute", {}, "fees:dispute"),
        ("delete", f"{ME}/fees/1/dispute", None, "fees:dispute"),
        ("post", f"{ME}/corrections", {"transfers": ["1"]}, "fees:correct"),
        ("post", f"{ME}/refunds", {"fee": "1", "amount": "1", "method": "CASH"}, "fees:correct"),
        ("get", "/events", None, "events:read"),
        ("get", "/jobs", None, "jobs:read"),
        ("get", "/job-runs", None, "jobs:read"),
        ("get", "/job-runs/1", None, "jobs:read"),
        ("get", "/job-runs/1/report", None, "jobs:read"),
        ("post", "/jobs/nothing/runs", {"params": {}}, "jobs:run"),
        ("post", "/bulk-waivers/preview", CRITERIA, "bulk:waive"),
        ("post", "/bulk-waivers", {"criteria": CRITERIA, "reason": "OTHER", "confirmed": "1.00"}, "bulk:waive"),
        ("get", "/bulk-waivers", None, "bulk:waive"),
        ("get", "/bulk-waivers/1", None, "bulk:waive"),
        ("post", "/bulk-waivers/1/undo", None, "bulk:waive"),
        ("get", "/bursar-profiles", None, "bursar:read"),
        ("get", "/bursar-runs", None, "bursar:read"),
        ("get", "/bursar-runs/1", None, "bursar:read"),
        ("get", "/bursar-runs/1/lines", None, "bursar:read"),
        ("post", "/bursar-profiles/NONE/runs", None, "bursar:run"),
        ("post", "/bursar-runs/1/file", None, "bursar:run"),
        ("put", "/bursar-runs/1/acknowledgement", None, "bursar:run"),
        ("post", "/bursar-runs/1/undo", None, "bursar:run"),
    ],
)
def test_each_call_takes_its_scope(library: Library, method: str, path: str, body, scope: str) -> None:  # type: ignore[no-untyped-def]
    with_it = Program.of(library, scope, name="With", base="/api/v1")
    without = Program.of(library, "conf:read", name="Without", base="/api/v1")

    assert with_it.call(method, path, body).status_code != 403
    assert problem(without, method, path, body) == (403, "scope_missing")
