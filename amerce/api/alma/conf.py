"""The institution, and whether we are there."""

from django.http.response import HttpResponseBase

from amerce.api.alma.answers import answer
from amerce.api.alma.interface import api
from amerce.api.alma.schemas import REFUSALS, General, Test
from amerce.api.call import Call, called

_TAGS = ["Configuration"]


@api.get("/conf/general", response={200: General, **REFUSALS}, tags=_TAGS, summary="Read the institution")
@called("conf:read")
def read_general(call: Call, expand: str = "") -> HttpResponseBase:
    """Its code and name, its currency, zone and locale."""
    institution = call.institution
    tree = {
        "institution": {"value": institution.code, "desc": institution.name},
        "environment_type": {"value": "PRODUCTION", "desc": "Production"},
        "currency_code": institution.currency_code,
        "time_zone": institution.time_zone,
        "locale": institution.locale,
        "alma_url": call.url("/"),
    }
    return answer(call, "general", tree)


@api.api_operation(
    ["GET", "POST"], "/conf/test", response={200: Test, **REFUSALS}, tags=_TAGS, summary="Test the configuration calls"
)
@called("conf:read")
def test_conf(call: Call) -> HttpResponseBase:
    """Answers so that a program knows its key."""
    return answer(call, "test", {"test": "ok"})


@api.api_operation(
    ["GET", "POST"],
    "/users/operation/test",
    response={200: Test, **REFUSALS},
    tags=["Users"],
    summary="Test the calls of users",
)
@called("users:read")
def test_users(call: Call) -> HttpResponseBase:
    """Answers so that a program knows its key."""
    return answer(call, "test", {"test": "ok"})
