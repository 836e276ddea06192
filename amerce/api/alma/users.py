"""Users: found, read, and asked for their password."""

from typing import Any

from django.contrib.auth.hashers import check_password
from django.db.models import Sum
from django.http import HttpResponse
from django.http.response import HttpResponseBase

from amerce.access.call_limit import guess_counts
from amerce.api.alma.answers import answer
from amerce.api.alma.errors import AlmaError, bad_parameter
from amerce.api.alma.interface import api
from amerce.api.alma.schemas import REFUSALS, User, Users
from amerce.api.alma.user_object import brief_user, user_link, user_objects
from amerce.api.alma.who import user_of
from amerce.api.call import Call, called
from amerce.api.examples import example
from amerce.api.paging import Limit, Offset, page
from amerce.api.tree import amount
from amerce.charges.models import Fee
from amerce.charges.queries import fees_of
from amerce.circulation.queries import loans_of, requests_of
from amerce.patrons.models import Patron
from amerce.patrons.queries import Sought, search

_TRIES_A_MINUTE = 10
_FIELDS = {
    "all": "all", "last_name": "name", "first_name": "name", "middle_name": "name", "general_info": "all",
    "primary_id": "primary_id", "identifiers": "identifiers", "barcode": "identifiers", "email": "email",
    "user_group": "user_group", "external_id": "source_id",
}  # fmt: skip
_TAGS = ["Users"]


@api.get("/users", response={200: Users, **REFUSALS}, tags=_TAGS, summary="Find users")
@called("users:read")
def list_users(
    call: Call,
    *,
    q: str = "",
    limit: Limit = 10,
    offset: Offset = 0,
    order_by: str = "last_name, first_name, primary_id",
    source_institution_code: str = "",
    source_user_id: str = "",
    expand: str = "",
) -> HttpResponseBase:
    """``q=last_name~smith``; several with AND between them. ``expand=full`` gives whole records."""
    sought = [_sought(each) for each in q.split(" AND ")] if q.strip() else []
    if source_user_id.strip():
        sought.append(Sought("source_id", source_user_id))
    found = search(call.actor, sought)
    if order_by.replace(" ", "").startswith("primary_id"):
        found = found.order_by("primary_folded")
    part = list(found[page(limit, offset)])
    is_full = "full" in expand.casefold()
    listed = user_objects(call, part) if is_full else [brief_user(call, each) for each in part]
    tree: dict[str, Any] = {"user": listed} if listed else {}
    return answer(call, "users", {**tree, "total_record_count": found.count()})


@api.get("/users/{user_id}", response={200: User, **REFUSALS}, tags=_TAGS, summary="Read a user")
@called("users:read")
def read_user(
    call: Call, user_id: str, user_id_type: str = "", view: str = "full", expand: str = ""
) -> HttpResponseBase:
    """By any identifier. ``expand`` may name fees, loans and requests, which adds their sum and numbers."""
    return whole_user(call, user_of(call, user_id, user_id_type), expand, view)


@api.post(
    "/users/{user_id}",
    response={204: None, **REFUSALS},
    tags=_TAGS,
    summary="Ask whether a password is right",
    openapi_extra=example(user_id="jdoe", op="auth", password="what they typed"),  # noqa: S106 - an example
)
@called("users:read")
def authenticate(
    call: Call, user_id: str, op: str = "auth", password: str = "", user_id_type: str = ""
) -> HttpResponseBase:
    """``op=auth``: 204 if it is. At most ten tries a minute for each user."""
    if op.strip().casefold() != "auth":
        raise bad_parameter("op")
    patron = user_of(call, user_id, user_id_type)
    minute = int(call.at.timestamp()) // 60
    may = guess_counts().take(f"auth {call.institution.pk} {patron.pk}", limit=_TRIES_A_MINUTE, window=minute)
    if not may or not patron.password or not check_password(password, patron.password):
        raise AlmaError("401866", "User authentication failed.")
    return HttpResponse(status=204)


def whole_user(call: Call, patron: Patron, expand: str = "", view: str = "full") -> HttpResponseBase:
    if view.strip().casefold() == "brief":
        return answer(call, "user", brief_user(call, patron))
    (tree,) = user_objects(call, [patron])
    wanted, link = expand.casefold(), user_link(call, patron)
    if "requests" in wanted:
        number = requests_of(call.actor, patron.pk).count()
        tree["requests"] = {"value": number, "link": f"{link}/requests"}
    if "loans" in wanted:
        tree["loans"] = {"value": loans_of(call.actor, patron.pk).count(), "link": f"{link}/loans"}
    if "fees" in wanted:
        active = fees_of(call.actor, patron.pk).filter(status=Fee.Status.ACTIVE).order_by()
        owed_minor = active.aggregate(owed=Sum("remaining_minor"))["owed"] or 0
        tree["fees"] = {"value": amount(owed_minor, call.exponent), "link": f"{link}/fees"}
    return answer(call, "user", tree)


def _sought(text: str) -> Sought:
    field, tilde, value = text.strip().partition("~")
    found = _FIELDS.get(field.strip().casefold()) if tilde else None
    if found is None or not value.strip():
        raise bad_parameter("q", "Write it like last_name~smith.")
    return Sought(found, value.replace("_", " ") if found in ("name", "all") else value)
