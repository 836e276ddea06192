"""The OpenAPI documents, and that the interfaces do what they say."""

import json

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi import checks as conformance

from amerce.access.scopes import SCOPES
from amerce.config.wsgi import application
from tests.api.programs import Program
from tests.charges.acts import Desk
from tests.world import Library

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = ("alma", "v1")
EXAMPLES = 6
CHECKS = [
    schemathesis.checks.not_a_server_error,
    conformance.status_code_conformance,
    conformance.content_type_conformance,
    conformance.response_schema_conformance,
]


@pytest.mark.parametrize("name", NAMES)
def test_the_document_is_served_to_everybody(name: str) -> None:
    response = Client().get(f"/api/docs/{name}.json")

    document = json.loads(response.content)
    assert document["openapi"].startswith("3.1")
    assert document["paths"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"] and operation["description"], (method, path)
            assert operation["x-scope"] in {*SCOPES, None}, (method, path)
    path, scope = {"alma": ("/almaws/v1/conf/general", "conf:read"), "v1": ("/api/v1/jobs", "jobs:read")}[name]
    assert document["paths"][path]["get"]["x-scope"] == scope


def test_no_other_document_is_there() -> None:
    assert Client().get("/api/docs/other.json").status_code == 404


def test_the_page_lists_every_call_and_loads_nothing_from_elsewhere(library: Library) -> None:
    client = Client()
    page = client.get("/api/docs").content.decode()
    for name in NAMES:
        for path in json.loads(client.get(f"/api/docs/{name}.json").content)["paths"]:
            assert path in page
    assert "``" not in page and "<code>q=last_name~smith</code>; several" in page
    assert "http" not in page.replace("http://www.w3.org", "")
    client.force_login(library.new_account("rokafor", "auditor"))
    assert client.get("/api/docs").status_code == 200


@pytest.mark.parametrize("name", NAMES)
def test_no_call_answers_what_its_document_does_not_say(flushable: None, library: Library, name: str) -> None:
    desk = Desk(library)
    desk.charge(1000)
    program = Program.of(library)
    schema = schemathesis.openapi.from_wsgi(f"/api/docs/{name}.json", application)
    headers = {"Authorization": f"apikey {program.key}", "Accept": "application/json", "Host": "localhost"}

    for found in schema.get_all_operations():

        @settings(
            max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=found.ok().as_strategy())
        def asked(case) -> None:  # type: ignore[no-untyped-def]
            case.validate_response(case.call(headers=headers), checks=CHECKS)

        asked()
