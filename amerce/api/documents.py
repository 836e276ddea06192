"""The OpenAPI documents of both interfaces, and a page of ours that shows them to people.

Why our own page: the usual viewers bring their own scripts and styles, which our pages do not load.
"""

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from ninja import NinjaAPI

from amerce.api.calls import alma, own
from amerce.api.examples import tell_example

_INTERFACES: dict[str, tuple[NinjaAPI, str, Any]] = {
    "alma": (alma.api, f"{alma.PREFIX}/", gettext_lazy("The Alma dialect")),
    "v1": (own.api, f"{own.PREFIX}/", gettext_lazy("Our own interface")),
}
SCOPE = "x-scope"
_METHODS = ("get", "post", "put", "delete")
_WHERE = ("path", "query", "header")


@dataclass(frozen=True)
class Parameter:
    name: str
    where: str
    is_needed: bool
    default: str


@dataclass(frozen=True)
class Operation:
    """One call as the page shows it."""

    method: str
    path: str
    summary: str
    text: str
    scope: str
    parameters: list[Parameter] = field(default_factory=list)
    example: str = ""

    @property
    def text_parts(self) -> list[tuple[str, bool]]:
        """The text, and which parts of it are code: those between double back quotes."""
        return [(part, number % 2 == 1) for number, part in enumerate(self.text.split("``"))]

    @property
    def anchor(self) -> str:
        return f"{self.method}{self.path}".lower().replace("/", "-").replace("{", "").replace("}", "")


@cache
def document(name: str) -> dict[str, Any]:
    """The OpenAPI document of one interface. Raises ``KeyError``."""
    interface, prefix, _title = _INTERFACES[name]
    made: dict[str, Any] = dict(interface.get_openapi_schema(path_prefix=prefix))
    made["servers"] = [{"url": "/"}]
    _tell_scopes(interface, prefix, made["paths"])
    for path in made["paths"].values():
        for operation in path.values():
            tell_example(operation)
            _describe_answers(name, operation)
    return made


def _tell_scopes(interface: NinjaAPI, prefix: str, paths: dict[str, Any]) -> None:
    """Which scope each call takes: OpenAPI has a place for it with OAuth alone, so it is an extension of ours."""
    for path, view in interface.default_router.path_operations.items():
        for operation in view.operations:
            for method in operation.methods:
                said = paths[prefix.rstrip("/") + path][method.lower()]
                said[SCOPE] = getattr(operation.view_func, "scope", None)


def _describe_answers(name: str, operation: dict[str, Any]) -> None:
    """The dialect answers XML as well, and our own refusals have a type of their own."""
    for status, response in operation["responses"].items():
        content = response.get("content")
        if not content:
            continue
        if name == "alma":
            content["application/xml"] = {"schema": {"type": "string"}}
        elif int(status) >= 400:  # noqa: PLR2004
            response["content"] = {"application/problem+json": content["application/json"]}


@login_not_required
@cache_control(max_age=300)
@require_safe
def openapi(request: HttpRequest, name: str) -> HttpResponse:
    if name not in _INTERFACES:
        raise Http404
    return JsonResponse(document(name))


@login_not_required
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    interfaces = [
        {"name": name, "title": title, "text": document(name)["info"]["description"], "groups": _groups(name)}
        for name, (_api, _prefix, title) in _INTERFACES.items()
    ]
    return render(request, "api/docs.html", {"interfaces": interfaces})


@cache
def _groups(name: str) -> list[tuple[str, list[Operation]]]:
    """The calls by what they are about."""
    groups: dict[str, list[Operation]] = {}
    for path, methods in document(name)["paths"].items():
        for method in _METHODS:
            if method in methods:
                said = methods[method]
                groups.setdefault((said.get("tags") or [""])[0], []).append(_operation(path, method, said))
    return list(groups.items())


def _operation(path: str, method: str, said: dict[str, Any]) -> Operation:
    parameters = [
        Parameter(
            each["name"],
            each["in"],
            bool(each.get("required")),
            str(each.get("schema", {}).get("default") or ""),
        )
        for each in said.get("parameters", [])
    ]
    about = said.get("summary", ""), said.get("description", ""), said.get(SCOPE) or ""
    return Operation(method.upper(), path, *about, parameters, "" if method == "get" else _example(path, method, said))


def _example(path: str, method: str, said: dict[str, Any]) -> str:
    """The request of an example, as it is sent."""
    shown = [each for each in said.get("parameters", []) if "example" in each]
    values = {where: {each["name"]: each["example"] for each in shown if each["in"] == where} for where in _WHERE}
    query = f"?{urlencode(values['query'])}" if values["query"] else ""
    lines = [f"{method.upper()} {path.format(**values['path'])}{query}"]
    lines += [f"{name}: {value}" for name, value in values["header"].items()]
    body = said.get("requestBody", {}).get("content", {}).get("application/json", {})
    if "example" in body:
        lines += ["", json.dumps(body["example"], indent=2, ensure_ascii=False)]
    return "\n".join(lines)
