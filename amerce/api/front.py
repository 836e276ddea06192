"""Calls of programs, answered before everything that only pages need (``docs/adr/0045-programs-pass-by-the-pages.md``).

Why not among the pages: a program has no session, no form and no browser, so what stands before a page costs a call
its time and changes nothing of it, or answers a program in HTML.
"""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch
from ninja import NinjaAPI

from amerce.api import calls
from amerce.api.call import LengthMissing, NothingThere, WrongMethod, identified

_HEADERS = (
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),  # for who opens an answer in a browser
    ("X-Frame-Options", "DENY"),
)


class Programs:
    """The middleware: what is below the prefix of an interface goes there, all else on to the pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        for interface in INTERFACES:
            if path.startswith(interface.prefix) and path[len(interface.prefix) :][:1] in ("", "/"):
                return interface.answer(request, path[len(interface.prefix) + 1 :].rstrip("/"))
        return self.get_response(request)


@dataclass(frozen=True)
class Interface:
    """What is below one prefix, and how its refusals are told. Whatever goes wrong is told so."""

    prefix: str
    addresses: list[Any]
    refuse: Callable[[HttpRequest, Exception], HttpResponse]

    def answer(self, request: HttpRequest, path: str) -> HttpResponseBase:
        """Answer what is asked at ``path``, without the slash at its end that programs write or not."""
        try:
            _check(request)
            response = self._asked(request, path)
        except Exception as error:
            response = self.refuse(request, error)
        for name, value in _HEADERS:
            response.headers[name] = value
        if isinstance(response, HttpResponse):
            response.headers["Content-Length"] = str(len(response.content))
        return response

    def _asked(self, request: HttpRequest, path: str) -> HttpResponseBase:
        found = self._found(path)
        if found is None:
            identified(request)  # what is not here is told only to who has a key
            raise NothingThere(f"{self.prefix}/{path}")
        response: HttpResponseBase = found.func(request, **found.kwargs)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            raise WrongMethod(str(request.method), response.headers["Allow"])
        return response

    def _found(self, path: str) -> ResolverMatch | None:
        return next((found for each in self.addresses if (found := each.resolve(path))), None)


def _check(request: HttpRequest) -> None:
    """Raise ``SuspiciousOperation`` for a request that nothing can be read from, or that is too long to be read, and
    ``LengthMissing`` for one whose body would be read as empty.

    A query is in UTF-8 whatever the body says of itself, which a POST of the dialect does not even read.
    """
    try:
        if request.encoding:
            request.encoding = "utf-8"
        request.GET  # noqa: B018  made when it is asked for
    except Exception:
        request.GET = QueryDict()
        raise
    request.get_host()
    if request.META.get("HTTP_TRANSFER_ENCODING") and not request.META.get("CONTENT_LENGTH"):
        raise LengthMissing
    if said_length(request) > settings.AMERCE_BODY_LIMIT:
        raise RequestDataTooBig


def said_length(request: HttpRequest) -> int:
    """How long the body says it is, in bytes; 0, and it is read as empty by WSGI's rules, where it does not say so."""
    said = request.META.get("CONTENT_LENGTH") or ""
    return int(said) if said.isascii() and said.isdigit() else 0


def _addresses(api: NinjaAPI) -> list[Any]:
    """Those without parameters before those with: ``fees/all`` is none of the fees."""
    patterns: list[Any] = api.urls[0]
    return sorted((each for each in patterns if each.name != "api-root"), key=lambda each: len(each.pattern.converters))


INTERFACES = tuple(Interface(each.PREFIX, _addresses(each.api), each.refuse) for each in (calls.alma, calls.own))
