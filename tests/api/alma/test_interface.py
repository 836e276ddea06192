"""Credentials, forms and errors of the dialect."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from amerce.access.models import ApiKey
from tests.api.programs import BASE, Program, read, xml
from tests.charges.acts import Desk
from tests.world import Library

pytestmark = pytest.mark.django_db
FEES = "/users/jdoe/fees"


def bare(path: str, **headers: str):  # type: ignore[no-untyped-def]
    return Client().get(BASE + path, headers=headers)


def test_the_key_is_in_the_header_or_in_the_query(program: Program) -> None:
    for written in ("apikey", "Apikey", "APIKEY", "Bearer"):
        assert bare(FEES, Authorization=f"{written} {program.key}").status_code == 200
    assert bare(f"{FEES}?apikey={program.key}").status_code == 200
    assert bare(f"{FEES}?apikey={program.key}", Authorization="").status_code == 200


@pytest.mark.parametrize("header", ["", "apikey", "apikey nothing", "Basic YTpi", "apikey amk_0000000000_" + "0" * 48])
def test_without_a_key_that_holds_everything_is_401(program: Program, header: str) -> None:
    for path in (FEES, "/users", "/conf/general", "/no/such/path", ""):
        response = bare(f"{path}?format=json", Authorization=header)
        assert read(response, 401)["errorList"]["error"][0]["errorCode"] == "UNAUTHORIZED", path


def test_a_session_is_no_key(library: Library) -> None:
    client = Client()
    client.force_login(library.new_account("rokafor", "general_system_administrator"))

    assert client.get(BASE + FEES).status_code == 401


@pytest.mark.parametrize(
    ("query", "accept", "is_json"),
    [
        ("", "", False),
        ("", "*/*", False),
        ("", "application/json", True),
        ("", "application/xml", False),
        ("", "text/html, application/json;q=0.5, application/xml;q=0.4", True),
        ("", "application/json;q=0.3, application/xml;q=0.9", False),
        ("", "application/json;q=nonsense", False),
        ("?format=json", "application/xml", True),
        ("?format=xml", "application/json", False),
        ("?format=JSON", "", True),
        ("?format=yaml", "application/json", True),
    ],
)
def test_the_form_is_the_query_s_then_the_header_s_then_xml(
    program: Program, query: str, accept: str, is_json: bool
) -> None:
    kind = "application/json;charset=UTF-8" if is_json else "application/xml;charset=UTF-8"

    assert program.call("get", FEES + query, Accept=accept)["Content-Type"] == kind
    assert program.call("get", "/users/nobody" + query, Accept=accept)["Content-Type"] == kind


def test_an_error_is_the_same_in_both_forms(program: Program) -> None:
    told = read(program.call("get", "/users/nobody"), 400)
    (error,) = told["errorList"]["error"]
    assert (told["errorsExist"], told["result"], list(told)) == (True, None, ["errorsExist", "errorList", "result"])
    assert (error["errorCode"], error["errorMessage"]) == ("401861", "User with identifier nobody was not found.")
    assert error["trackingId"].startswith("E01-0203261200-")

    root = xml(program.call("get", "/users/nobody?format=xml"))
    space = "{http://com/exlibris/urm/general/xmlbeans}"
    assert root.tag == f"{space}web_service_result"
    assert root.findtext(f"{space}errorsExist") == "true"
    assert root.findtext(f"{space}errorList/{space}error/{space}errorCode") == "401861"


def test_what_is_not_there_and_how_nothing_is_called_are_told_as_errors(program: Program) -> None:
    assert program.refused("get", "/bibs") == (404, "INVALID_PATH")
    assert program.refused("delete", "/conf/libraries") == (405, "METHOD_NOT_ALLOWED")


def test_too_many_calls_are_429_in_the_dialect(library: Library) -> None:
    program = Program.of(library)
    ApiKey.objects.update(calls_per_second=2)
    program.get(FEES)
    program.get(FEES)

    response = program.call("get", FEES)

    assert read(response, 429)["errorList"]["error"][0]["errorCode"] == "PER_SECOND_THRESHOLD"
    assert response["Retry-After"] == "1"


def test_answers_are_kept_in_no_cache(program: Program) -> None:
    assert program.call("get", FEES)["Cache-Control"] == "no-store"


def test_a_call_that_reads_writes_nothing(program: Program, desk: Desk) -> None:
    fee = desk.charge(100)
    program.get(FEES)  # which keeps when the key was used

    with CaptureQueriesContext(connection) as queries:
        for path in (FEES, f"{FEES}/{fee.pk}", "/users?q=last_name~doe", "/users/jdoe", "/users/jdoe/loans",
                     "/conf/libraries", "/conf/utilities/fee-transactions"):  # fmt: skip
            program.get(path)
        program.call("get", "/users/nobody")

    assert [each["sql"] for each in queries if not each["sql"].startswith("SELECT")] == []


def test_parameters_that_nobody_knows_are_ignored(program: Program) -> None:
    assert program.get(f"{FEES}?limit=x&offset=-1&nonsense=1")["total_record_count"] == 0


@pytest.mark.parametrize("query", ["limit=-1", "limit=x", "offset=-1", "offset=99999999999999999999"])
def test_pages_that_cannot_be_are_refused(program: Program, query: str) -> None:
    assert program.refused("get", f"/users?{query}") == (400, "401666")
