"""The paths of the interface. None of them knows a session: who calls is said by a key."""

from collections.abc import Callable, Iterable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, path, re_path
from django.views.decorators.csrf import csrf_exempt

from amerce.api.alma import (  # noqa: F401  they hang their paths on the interface
    conf,
    fees,
    loans,
    report,
    users,
    users_write,
)
from amerce.api.alma.interface import api as alma
from amerce.api.alma.interface import unknown_path, wrong_method
from amerce.api.documents import docs, openapi
from amerce.api.v1 import accounts, bulk, bursar, feed, reports, runs  # noqa: F401  as above
from amerce.api.v1.interface import api as own
from amerce.api.v1.interface import unknown_path as unknown_here
from amerce.api.v1.interface import wrong_method as wrong_here

View = Callable[..., HttpResponseBase]
Wrong = Callable[[HttpRequest], HttpResponseBase]


def _for_programs(patterns: Iterable[Any], wrong_method: Wrong) -> list[Any]:
    """The views of ninja are made without a way to say what ``_open`` says of one."""
    kept = list(patterns)
    for each in kept:
        if isinstance(each, URLPattern):
            each.callback = _open(each.callback, wrong_method)
        elif isinstance(each, URLResolver):
            _for_programs(each.url_patterns, wrong_method)
    return kept


def _open(view: View, wrong_method: Wrong) -> View:
    """No sign-in and no token of a form, nothing kept in a cache, and a method that is not there told like all else."""

    @wraps(view)
    def answered(request: HttpRequest, **inputs: Any) -> HttpResponseBase:
        response = view(request, **inputs)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = response["Allow"]
            response = wrong_method(request)
            response["Allow"] = allowed
        response["Cache-Control"] = "no-store"
        return response

    return csrf_exempt(login_not_required(answered))


_alma, _own = (_for_programs(each.urls[0], wrong) for each, wrong in ((alma, wrong_method), (own, wrong_here)))
_nowhere, _nowhere_here = _open(unknown_path, wrong_method), _open(unknown_here, wrong_here)

urlpatterns = [
    path("almaws/v1/", (_alma, alma.urls[1], alma.urls[2])),
    re_path(r"^almaws/v1(?:/(?P<path>.*))?$", _nowhere),
    path("api/v1/", (_own, own.urls[1], own.urls[2])),
    re_path(r"^api/v1(?:/(?P<path>.*))?$", _nowhere_here),
    path("api/docs", docs, name="api-docs"),
    path("api/docs/<slug:name>.json", openapi, name="openapi"),
]
