"""Every call of a program asks for a key, whoever is signed in at a page."""

import json
import re

import pytest
from django.test import Client

from tests.world import Library

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["alma", "v1"])
def test_no_call_is_answered_without_a_key_nor_by_a_session(library: Library, name: str) -> None:
    signed_in = Client()
    signed_in.force_login(library.new_account("sysadmin", "general_system_administrator"))
    paths = json.loads(Client().get(f"/api/docs/{name}.json").content)["paths"]
    rest = [("get", "/api/v1/no/such/call")] if name == "v1" else [("get", "/almaws/v1/no/such/call")]
    calls = rest + [(method, re.sub(r"{[^}]*}", "1", path)) for path, methods in paths.items() for method in methods]

    answers = {
        (method, path, client.generic(method.upper(), path, "{}", content_type="application/json").status_code)
        for method, path in calls
        for client in (Client(), signed_in)
    }

    assert len(calls) > 10
    assert {status for _method, _path, status in answers} == {401}, sorted(answers, key=lambda each: each[2])[:3]
