"""The dialect as one ninja interface: who may call, and what every refusal looks like."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import resolve
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.security import APIKeyHeader, APIKeyQuery

from amerce.access.key_actor import Caller
from amerce.api.alma.errors import AlmaError, bad_parameter, error_of, refusal
from amerce.api.call import identified

TITLE = "Amerce in the Alma dialect"
TEXT = (
    "Users, their fines and fees, loans and requests, and the configuration that programs need, as programs written "
    "for Alma expect them. Answers are XML unless format=json or an Accept header asks for JSON."
)


class HeaderKey(APIKeyHeader):
    """``Authorization: apikey KEY``, or ``apikey=KEY`` in the query."""

    param_name = "Authorization"

    def __call__(self, request: HttpRequest) -> Caller:
        return identified(request)

    def authenticate(self, request: HttpRequest, key: str | None) -> Caller:
        return identified(request)


class QueryKey(APIKeyQuery):
    """Named for the document; ``HeaderKey`` has looked there, too."""

    param_name = "apikey"

    def __call__(self, request: HttpRequest) -> Caller:
        return identified(request)

    def authenticate(self, request: HttpRequest, key: str | None) -> Caller:
        return identified(request)


api = NinjaAPI(
    title=TITLE,
    version="v1",
    description=TEXT,
    urls_namespace="almaws",
    auth=[HeaderKey(), QueryKey()],
    openapi_url=None,
    docs_url=None,
)


def _institution_of(request: HttpRequest) -> Any:
    caller = getattr(request, "auth", None)
    return caller.institution if isinstance(caller, Caller) else None


def _refuse(request: HttpRequest, error: Any) -> HttpResponse:
    return refusal(request, error_of(error, _institution_of(request)))


def _refuse_parameters(request: HttpRequest, error: Any) -> HttpResponse:
    named = [str(each["loc"][-1]) for each in error.errors if each.get("loc")]
    return refusal(request, bad_parameter(named[0] if named else "of the call"))


api.add_exception_handler(Exception, _refuse)
api.add_exception_handler(ValidationError, _refuse_parameters)


def unknown_path(request: HttpRequest, path: str | None = "") -> HttpResponseBase:
    """What is not here: told as an error object like all else, and only to who has a key.

    Programs may write a slash behind a path that is here without one.
    """
    path = path or ""
    if path.rstrip("/") != path and path.strip("/"):
        found = resolve(request.path.rstrip("/"))
        answered: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
        return answered
    try:
        identified(request)
    except Exception as error:
        return _refuse(request, error)
    return refusal(request, AlmaError("INVALID_PATH", f"There is nothing at /almaws/v1/{path}.", 404))


def wrong_method(request: HttpRequest) -> HttpResponse:
    """The path is there, and is not called in this way."""
    return refusal(request, AlmaError("METHOD_NOT_ALLOWED", f"{request.method} is not possible here.", 405))
