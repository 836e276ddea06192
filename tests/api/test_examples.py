"""Every call that is no GET has an example in its document, and the example does what it says."""

import json
from collections.abc import Callable
from functools import cache

import pytest
from django.contrib.auth.hashers import make_password
from django.http import HttpResponse
from django.test import Client

from amerce.api.documents import _groups, document
from amerce.api.examples import EXPORT, FEE, KEY, TRANSFER, WAIVER
from amerce.ledger.models import Transfer
from amerce.patrons.models import Patron
from tests.api.alma.conftest import noon  # noqa: F401
from tests.api.programs import Program
from tests.bulk.waiving import waive_in_bulk
from tests.bursar.conftest import books_agree, clerk, own_files  # noqa: F401
from tests.bursar.desk import Clerk

pytestmark = [pytest.mark.django_db, pytest.mark.money]
NAMES = ("alma", "v1")
Ids = dict[str, str]
"""By the id that stands in an example, the one of a row that is there."""


def _a_fee(clerk: Clerk) -> Ids:  # noqa: F811
    return {FEE: str(clerk.desk.charge(1000).pk)}


def _a_disputed_fee(clerk: Clerk) -> Ids:  # noqa: F811
    fee = clerk.desk.charge(1000)
    clerk.desk.dispute(fee)
    return {FEE: str(fee.pk)}


def _a_paid_fee(clerk: Clerk) -> Ids:  # noqa: F811
    fee = clerk.desk.charge(1000)
    clerk.desk.pay(fee)
    paid = Transfer.objects.filter(fee=fee).latest("pk")
    return {FEE: str(fee.pk), TRANSFER: str(paid.pk)}


def _a_waiver(clerk: Clerk) -> Ids:  # noqa: F811
    clerk.desk.charge(1000)
    return {WAIVER: str(waive_in_bulk(clerk.library).pk)}


def _an_export(**columns: str) -> Callable[[Clerk], Ids]:
    def made(clerk: Clerk) -> Ids:  # noqa: F811
        clerk.desk.charge(1000)
        clerk.export(clerk.profile(**columns))
        return {EXPORT: str(clerk.last_run().pk)}

    return made


def _a_profile(clerk: Clerk) -> Ids:  # noqa: F811
    clerk.profile("SIS")
    return {}


def _a_password(clerk: Clerk) -> Ids:  # noqa: F811
    Patron.objects.filter(pk=clerk.desk.patron.pk).update(password=make_password("what they typed"))
    return {}


def _nothing(clerk: Clerk) -> Ids:  # noqa: F811
    return {}


_DOWNLOAD = {"destination": "download", "folder": "", "import_folder": ""}
NEEDS: dict[tuple[str, str], Callable[[Clerk], Ids]] = {
    ("post", "/almaws/v1/users"): _nothing,
    ("put", "/almaws/v1/users/{user_id}"): _nothing,
    ("delete", "/almaws/v1/users/{user_id}"): _nothing,
    ("post", "/almaws/v1/users/{user_id}"): _a_password,
    ("post", "/almaws/v1/users/{user_id}/fees"): _nothing,
    ("post", "/almaws/v1/users/{user_id}/fees/all"): _a_fee,
    ("post", "/almaws/v1/users/{user_id}/fees/{fee_id}"): _a_fee,
    ("post", "/almaws/v1/conf/test"): _nothing,
    ("post", "/almaws/v1/users/operation/test"): _nothing,
    ("put", "/api/v1/patrons/{patron}/fees/{fee}/dispute"): _a_fee,
    ("delete", "/api/v1/patrons/{patron}/fees/{fee}/dispute"): _a_disputed_fee,
    ("post", "/api/v1/patrons/{patron}/corrections"): _a_paid_fee,
    ("post", "/api/v1/patrons/{patron}/refunds"): _a_paid_fee,
    ("post", "/api/v1/jobs/{name}/runs"): _nothing,
    ("post", "/api/v1/bulk-waivers/preview"): _nothing,
    ("post", "/api/v1/bulk-waivers"): _a_fee,
    ("post", "/api/v1/bulk-waivers/{waiver}/undo"): _a_waiver,
    ("post", "/api/v1/bursar-profiles/{code}/runs"): _a_profile,
    ("post", "/api/v1/bursar-runs/{run}/file"): _an_export(),
    ("put", "/api/v1/bursar-runs/{run}/acknowledgement"): _an_export(),
    ("post", "/api/v1/bursar-runs/{run}/undo"): _an_export(**_DOWNLOAD),
}
"""What has to be there before an example is sent."""


@cache
def shown(name: str) -> dict[tuple[str, str], str]:
    """The example of each call of one interface that is no GET, as the page of the reference shows it."""
    calls = [each for _tag, group in _groups(name) for each in group if each.method != "GET"]
    return {(each.method.lower(), each.path): each.example for each in calls}


def sent(program: Program, example: str, ids: Ids) -> HttpResponse:
    """What is answered to ``example``, with the ids of rows that are there."""
    for id_, real in ids.items():
        example = example.replace(id_, real) if id_ in (FEE, TRANSFER) else example.replace(f"/{id_}/", f"/{real}/")
    head, _empty, body = example.partition("\n\n")
    first, *lines = head.split("\n")
    method, path = first.split(" ")
    headers = dict(line.split(": ") for line in lines)
    return program.call(method.lower(), path, json.loads(body) if body else None, **headers)


def test_every_call_that_is_no_get_is_here() -> None:
    assert {each for name in NAMES for each in shown(name)} == set(NEEDS)


@pytest.mark.parametrize("call", NEEDS, ids=" ".join)
def test_an_example_is_taken(clerk: Clerk, call: tuple[str, str]) -> None:  # noqa: F811
    ids = NEEDS[call](clerk)
    example = shown("alma" if call[1].startswith("/almaws") else "v1")[call]
    assert "{" not in example.partition("\n")[0]
    program = Program.of(clerk.library, base="")

    answer = sent(program, example, ids)

    assert answer.status_code in (200, 204), (answer.status_code, answer.content)
    if KEY in example:
        assert sent(program, example, ids).get("Amerce-Replayed") == "true"


def test_an_example_stands_at_each_parameter_of_the_document() -> None:
    said = document("alma")["paths"]["/almaws/v1/users/{user_id}/fees/all"]["post"]
    examples = {each["name"]: each.get("example") for each in said["parameters"]}

    assert "x-example" not in said
    assert (examples["user_id"], examples["op"], examples["amount"], examples["comment"]) == (
        "jdoe",
        "pay",
        "ALL",
        None,
    )
    key = next(each for each in said["parameters"] if each["name"] == KEY)
    assert (key["in"], key["required"]) == ("header", False)
    started = document("v1")["paths"]["/api/v1/bulk-waivers"]["post"]["parameters"]
    assert [(each["name"], each["required"]) for each in started] == [(KEY, True)]


def test_the_page_shows_the_request_as_it_is_sent() -> None:
    page = Client().get("/api/docs").content.decode()

    assert "POST /almaws/v1/users/jdoe/fees/all?op=pay&amp;amount=ALL&amp;method=ONLINE" in page
    assert "Idempotency-Key: amnesty-2026" in page
