"""What a key may not, tried on every call there is: those that are new are tried as well."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from amerce.access.scopes import SCOPES
from amerce.events.models import Event
from amerce.jobs.models import JobRun
from amerce.ledger.models import Transfer
from tests.api.programs import Program
from tests.charges.acts import Desk
from tests.charges.checks import nothing_written
from tests.world import Library

pytestmark = pytest.mark.django_db
CHOOSES_BY_OP = {
    "pay": "fees:pay", "waive": "fees:waive", "dispute": "fees:dispute", "restore": "fees:dispute",
}  # fmt: skip
"""One call of the dialect does four things, each with its scope."""


@pytest.fixture
def desk(library: Library) -> Desk:
    return Desk(library)


def calls() -> Iterator[tuple[str, str, str, Any]]:
    """Method, path, scope and body of every call of both documents, ids filled in with those of nothing."""
    for name in ("alma", "v1"):
        for path, methods in json.loads(Client().get(f"/api/docs/{name}.json").content)["paths"].items():
            filled = re.sub(r"\{[a-z_]+\}", "1", path)
            for method, said in methods.items():
                content = said.get("requestBody", {}).get("content", {}).get("application/json", {})
                body = content.get("example", {} if content else None)
                if said["x-scope"]:
                    yield method, filled, said["x-scope"], body
                else:
                    yield from ((method, f"{filled}?op={op}", scope, None) for op, scope in CHOOSES_BY_OP.items())


def code_of(response: Any) -> str:
    told = json.loads(response.content)
    return str(told["errorList"]["error"][0]["errorCode"] if "errorList" in told else told["code"])


def test_a_key_with_every_scope_but_its_own_is_refused_by_each_call(library: Library) -> None:
    keys = {each: Program.of(library, *(SCOPES.keys() - {each}), name=each, base="") for each in SCOPES}

    asked, last = list(calls()), Event.objects.latest("pk").pk
    for method, path, scope, body in asked:
        response = keys[scope].call(method, path, body)
        assert response.status_code in (403, 422), (method, path, response.content)  # 422: the body is read first
        assert code_of(response) in ("FORBIDDEN", "scope_missing", "malformed"), (method, path, response.content)
        if body != {}:
            assert response.status_code == 403, (method, path, response.content)

    assert set(Event.objects.filter(pk__gt=last).values_list("name", flat=True)) == {"api_key.refused"}
    assert len(asked) > 50
    assert {scope for _method, _path, scope, _body in asked} == set(SCOPES)


def test_what_another_institution_has_is_not_there(desk: Desk, other_library: Library) -> None:
    # given
    fee = desk.charge(1000)
    mine = Program.of(desk.library, name="Mine", base="/api/v1")
    run = mine.post("/jobs/overdue-fines/runs", {"params": {}})["id"]
    waiver = mine.call(
        "post", "/bulk-waivers",
        {"criteria": {"threshold": "100.00", "groups": "ALL", "types": "ALL"}, "reason": "OTHER", "confirmed": "10.00"},
        **{"Idempotency-Key": "B-1"},
    )  # fmt: skip
    waiver_id = json.loads(waiver.content)["id"]
    transfer = str(Transfer.objects.get().pk)
    theirs = Program.of(other_library, name="Theirs", base="")
    dialect, own = "/almaws/v1/users", "/api/v1"

    # when
    tried = [
        ("get", f"{dialect}/jdoe/fees/{fee.pk}", None, 400),
        ("post", f"{dialect}/jdoe/fees/{fee.pk}?op=pay&amount=1&method=CASH", None, 400),
        ("post", f"{dialect}/jdoe/fees/{fee.pk}?op=waive&amount=1&reason=OTHER", None, 400),
        ("post", f"{dialect}/jdoe/fees/{fee.pk}?op=dispute", None, 400),
        ("put", f"{own}/patrons/jdoe/fees/{fee.pk}/dispute", {}, 404),
        ("post", f"{own}/patrons/jdoe/corrections", {"transfers": [transfer]}, 404),
        ("post", f"{own}/patrons/jdoe/refunds", {"fee": str(fee.pk), "amount": "1.00", "method": "CASH"}, 404),
        ("get", f"{own}/job-runs/{run}", None, 404),
        ("get", f"{own}/job-runs/{run}/report", None, 404),
        ("get", f"{own}/job-runs/{run}/report.csv", None, 404),
        ("get", f"{own}/bulk-waivers/{waiver_id}", None, 404),
        ("post", f"{own}/bulk-waivers/{waiver_id}/undo", None, 404),
    ]

    # then
    with nothing_written():
        for method, path, body, status in tried:
            response = theirs.call(method, path, body)
            assert response.status_code == status, (method, path, response.content)
    assert JobRun.objects.count() == 2
    for path in ("/transfers", "/job-runs", "/bulk-waivers", "/reports/fee-transactions?since=2026-03-01"):
        listed = json.loads(theirs.call("get", own + path).content)
        assert [value for value in listed.values() if value] == [], path


def test_a_key_of_a_call_is_its_programs_own(desk: Desk) -> None:
    fee = desk.charge(1000)
    key = {"Idempotency-Key": "P-1"}
    path = f"/users/jdoe/fees/{fee.pk}?op=pay&method=CASH&amount="
    till, portal = Program.of(desk.library, name="Till"), Program.of(desk.library, name="Portal")

    assert till.post(f"{path}1", **key)["balance"] == 9.0
    assert portal.post(f"{path}2", **key)["balance"] == 7.0
    assert till.post(f"{path}1", **key)["balance"] == 7.0
    assert till.refused("post", f"{path}3", **key) == (400, "401666")
    assert Transfer.objects.filter(kind="PAYMENT").count() == 2
