"""A program for tests: it has a key and speaks one of the two forms."""

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.test import Client
from lxml import etree

from amerce.access.actors import system_actor
from amerce.access.api_keys import create_api_key
from amerce.access.privileges import Privilege
from tests.world import NOON, Library

BASE = "/almaws/v1"


@dataclass
class Program:
    """``get("/users/jdoe")`` calls below ``base``, in JSON unless it is told otherwise."""

    key: str
    base: str = BASE
    accept: str = "application/json"

    @classmethod
    def of(cls, library: Library, *scopes: str, name: str = "Portal", base: str = BASE, **inputs: Any) -> "Program":
        actor = system_actor(library.institution.pk, "somebody", Privilege.API_KEY_EDIT)
        made = create_api_key(actor=actor, at=NOON, name=name, scopes=scopes or ("all",), calls_per_second=0, **inputs)
        return cls(made.key, base)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        sent: dict[str, Any] = {}
        if body is not None:
            raw = body if isinstance(body, str | bytes) else json.dumps(body)
            kind = headers.pop("content_type", "application/json")
            sent = {"data": raw, "content_type": kind}
        given = {"Authorization": f"apikey {self.key}", "Accept": self.accept, **headers}
        call = getattr(Client(), method)
        return call(self.base + path, headers=given, **sent)  # type: ignore[no-any-return]

    def get(self, path: str, **headers: str) -> Any:
        return read(self.call("get", path, **headers))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return read(self.call("post", path, body, **headers))

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return read(self.call("put", path, body, **headers))

    def refused(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str]:
        """Status and code of a refusal."""
        response = self.call(method, path, body, **headers)
        return response.status_code, read(response, 400, 401, 403, 404, 405, 409, 429)["errorList"]["error"][0][
            "errorCode"
        ]


def read(response: HttpResponse, *statuses: int) -> Any:
    """What an answer says in JSON, if it has one of the statuses, 200 unless others are named."""
    assert response.status_code in (statuses or (200,)), (response.status_code, response.content)
    return json.loads(response.content if not response.streaming else b"".join(response))


def problem(program: Program, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str]:
    """Status and code of a refusal of our own interface."""
    response = program.call(method, path, body, **headers)
    assert response["Content-Type"] == "application/problem+json", response.content
    told = read(response, response.status_code)
    assert told["status"] == response.status_code and told["detail"]
    return told["status"], told["code"]


def xml(response: HttpResponse) -> Any:
    return etree.fromstring(response.content if not response.streaming else b"".join(response))
