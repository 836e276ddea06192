"""Our own interface as one of ninja: who may call, and what every refusal looks like."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from amerce.access.key_actor import Caller
from amerce.api.alma.interface import HeaderKey
from amerce.api.call import identified
from amerce.api.v1.problems import Problem, problem_of, refusal

TITLE = "Amerce"
TEXT = (
    "Balances, transfers, disputes, corrections, refunds, bulk waiving, exports to the bursar, jobs and the event "
    "feed. Ids and amounts are texts; amounts are decimals with a point. Refusals are problem+json with a code. What "
    "changes something takes an Idempotency-Key."
)

api = NinjaAPI(
    title=TITLE,
    version="v1",
    description=TEXT,
    urls_namespace="api-v1",
    auth=[HeaderKey()],
    openapi_url=None,
    docs_url=None,
)


def _refuse(request: HttpRequest, error: Any) -> HttpResponse:
    caller = getattr(request, "auth", None)
    institution = caller.institution if isinstance(caller, Caller) else None
    return refusal(request, problem_of(error, institution))


for _kind in (Exception, ValidationError, HttpError):
    api.add_exception_handler(_kind, _refuse)


def unknown_path(request: HttpRequest, path: str | None = "") -> HttpResponse:
    """What is not here, told only to who has a key."""
    try:
        identified(request)
    except Exception as error:
        return _refuse(request, error)
    return refusal(request, Problem(404, "not_found", f"There is nothing at /api/v1/{path or ''}."))


def wrong_method(request: HttpRequest) -> HttpResponse:
    """The path is there, and is not called in this way."""
    return refusal(request, Problem(405, "method_not_allowed", f"{request.method} is not possible here."))
