"""The dialect as one ninja interface: who may call, and what every refusal looks like."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.security import APIKeyHeader, APIKeyQuery

from amerce.access.key_actor import Caller
from amerce.api.alma.errors import error_of, refusal
from amerce.api.call import identified

PREFIX = "/almaws/v1"
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


def refuse(request: HttpRequest, error: Any) -> HttpResponse:
    caller = getattr(request, "auth", None)
    return refusal(request, error_of(error, caller.institution if isinstance(caller, Caller) else None))


for _kind in (Exception, ValidationError):
    api.add_exception_handler(_kind, refuse)
