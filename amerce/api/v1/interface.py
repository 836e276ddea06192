"""Our own interface as one of ninja: who may call, and what every refusal looks like."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser

from amerce.access.key_actor import Caller
from amerce.api.alma.interface import HeaderKey
from amerce.api.json_form import once_each
from amerce.api.v1.problems import problem_of, refusal

PREFIX = "/api/v1"
TITLE = "Amerce"
TEXT = (
    "Balances, transfers, disputes, corrections, refunds, bulk waiving, exports to the bursar, jobs and the event "
    "feed. Ids and amounts are texts; amounts are decimals with a point. Refusals are problem+json with a code. What "
    "changes something takes an Idempotency-Key."
)


class _Parser(Parser):
    def parse_body(self, request: HttpRequest) -> Any:
        return json.loads(request.body, object_pairs_hook=once_each)


api = NinjaAPI(
    parser=_Parser(),
    title=TITLE,
    version="v1",
    description=TEXT,
    urls_namespace="api-v1",
    auth=[HeaderKey()],
    openapi_url=None,
    docs_url=None,
)


def refuse(request: HttpRequest, error: Any) -> HttpResponse:
    caller = getattr(request, "auth", None)
    return refusal(problem_of(error, caller.institution if isinstance(caller, Caller) else None))


for _kind in (Exception, ValidationError, HttpError):
    api.add_exception_handler(_kind, refuse)
