"""Where calls of programs part from pages, and that nothing below their prefixes is answered like a page."""

import json
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, example, given
from hypothesis import settings as trying
from hypothesis import strategies as st
from lxml import etree

from tests.api.programs import Program
from tests.world import Library

PREFIXES = ("/almaws/v1", "/api/v1")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
pytestmark = pytest.mark.django_db


def told(answer) -> None:  # type: ignore[no-untyped-def]
    """An answer in the words of an interface: no page, no cache, nothing that a browser would run."""
    kind = answer["Content-Type"]
    assert kind in {
        "application/json", "application/json;charset=UTF-8", "application/xml;charset=UTF-8",
        "application/problem+json",
    }, (answer.status_code, kind, answer.content)  # fmt: skip
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    if not answer.content:  # HEAD
        return
    assert int(answer["Content-Length"]) == len(answer.content)
    if "xml" in kind:
        etree.fromstring(answer.content)
    else:
        json.loads(answer.content)


@pytest.fixture
def program(library: Library) -> Program:
    return Program.of(library, "users:read", "fees:read", "conf:read", "events:read")


def ask(program: Program, method: str, path: str, **headers: str):  # type: ignore[no-untyped-def]
    given = {"Authorization": f"apikey {program.key}", **headers}
    return Client().generic(method, path, b"{}", content_type="application/json", headers=given)


odd_paths = st.one_of(
    st.binary(max_size=20).map(quote_from_bytes),
    st.text(max_size=20).map(lambda text: quote_from_bytes(text.encode("utf-8", "surrogatepass"))),
    st.lists(
        st.sampled_from(["users", "jdoe", "fees", "all", "conf", "events", "\n", "", "..", "a b"]), max_size=6
    ).map("/".join),
)


@trying(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(
    prefix=st.sampled_from(PREFIXES), path=odd_paths, method=st.sampled_from(METHODS), accepts_json=st.booleans(),
    query=st.binary(max_size=12).map(quote_from_bytes),
)  # fmt: skip
@example(prefix="/almaws/v1", path="%0a", method="GET", accepts_json=False, query="")
@example(prefix="/api/v1", path="%0a", method="GET", accepts_json=False, query="")
@example(prefix="/almaws/v1", path="", method="GET", accepts_json=True, query="")
def test_every_address_below_a_prefix_answers_in_its_words(
    program: Program, *, prefix: str, path: str, method: str, accepts_json: bool, query: str
) -> None:
    accept = {"Accept": "application/json"} if accepts_json else {}

    answer = ask(program, method, f"{prefix}/{path}?{query}", **accept)

    told(answer)
    assert answer.status_code < 500
    assert answer.content or method == "HEAD"


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "elsewhere.example"},
        {"Host": "a b"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "text/plain; charset=utf-16"},
        {"Content-Type": "\x00"},
        {"Accept": "\xff"},
        {"Authorization": ""},
        {"Cookie": "amerce_session=nothing"},
    ],
)
def test_no_header_makes_a_page_of_an_answer(program: Program, prefix: str, headers: dict[str, str]) -> None:
    answer = ask(program, "GET", f"{prefix}/nowhere", **headers)

    told(answer)
    assert answer.status_code in (400, 401, 404)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_query_of_ten_thousand_parameters_is_refused(program: Program, prefix: str) -> None:
    answer = ask(program, "GET", f"{prefix}/nowhere?" + "&".join(f"a{each}=1" for each in range(10_000)))

    told(answer)
    assert answer.status_code == 400


@pytest.mark.parametrize("prefix", PREFIXES)
def test_what_is_too_long_is_refused_before_it_is_read_also_where_no_body_is_read(
    program: Program, prefix: str, settings: Any
) -> None:
    settings.AMERCE_BODY_LIMIT = 1

    for method, path in (("POST", "/users/jdoe/fees/1?op=pay"), ("GET", "/nowhere")):
        answer = ask(program, method, prefix + path)
        told(answer)
        assert answer.status_code == 413, (method, path)


def test_a_query_is_read_in_utf_8_whatever_the_body_says_of_itself(program: Program) -> None:
    path = "/almaws/v1/users?q=last_name~doe&format=json"
    headers = {"Authorization": f"apikey {program.key}"}

    answer = Client().generic("GET", path, b"", content_type="text/plain; charset=utf-16", headers=headers)

    assert json.loads(answer.content)["total_record_count"] == 1


def test_a_slash_at_the_end_changes_nothing(program: Program) -> None:
    assert program.call("get", "/users/jdoe/fees/").content == program.call("get", "/users/jdoe/fees").content


def test_what_is_beside_a_prefix_is_a_page() -> None:
    for path in ("/almaws/v10/users", "/almaws", "/api/v1x", "/api/docs"):
        assert Client().get(path)["Content-Type"].startswith("text/html"), path


def test_a_call_asks_nothing_that_only_a_page_needs(library: Library) -> None:
    client = Client()
    client.force_login(library.new_account("rokafor", "general_system_administrator"))
    client.post("/patron-services/", {"typed": "jdoe"})

    with CaptureQueriesContext(connection) as queries:
        answer = client.get("/api/v1/nowhere")

    assert (answer.status_code, len(queries), answer.cookies) == (401, 0, {})


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_body_in_chunks_is_refused_since_it_would_be_read_as_empty(program: Program, prefix: str) -> None:
    given = {"Authorization": f"apikey {program.key}", "Transfer-Encoding": "chunked"}

    answer = Client().put(f"{prefix}/patrons/jdoe/fees/1/dispute", headers=given, CONTENT_LENGTH="")

    told(answer)
    assert answer.status_code == 411
