"""The configuration that programs need: libraries, desks, code tables, the institution; and whether we are there."""

from typing import Any

from django.http.response import HttpResponseBase

from amerce.api.alma.answers import answer
from amerce.api.alma.errors import AlmaError
from amerce.api.alma.interface import api
from amerce.api.alma.labels import FEE_STATUSES, TRANSACTION_TYPES
from amerce.api.alma.schemas import (
    REFUSALS,
    CodeTable,
    CodeTables,
    Departments,
    Desk,
    Desks,
    General,
    Libraries,
    Library,
    Test,
)
from amerce.api.call import Call, called
from amerce.api.paging import Limit, Offset, page
from amerce.charges.models import FeeType
from amerce.institutions import models as places
from amerce.institutions.models import CodeEntry
from amerce.institutions.queries import desks, libraries
from amerce.patrons.queries import user_groups

_TAGS = ["Configuration"]
_DESK_TYPE = "CIRC_DESK"
_OWN = {
    CodeEntry.Table.WAIVE_REASON: "Reasons for waiving fines and fees",
    CodeEntry.Table.PAYMENT_METHOD: "Payment methods",
    CodeEntry.Table.IDENTIFIER_TYPE: "Types of identifiers",
    CodeEntry.Table.EMAIL_TYPE: "Types of e-mail addresses",
    CodeEntry.Table.PHONE_TYPE: "Types of phone numbers",
    CodeEntry.Table.ADDRESS_TYPE: "Types of addresses",
    CodeEntry.Table.NOTE_TYPE: "Types of notes",
    CodeEntry.Table.LANGUAGE: "Languages",
    CodeEntry.Table.ITEM_POLICY: "Item policies",
}
_MADE = {
    "FineFeeTransactionType": "Types of fine and fee transactions",
    "HFrUserFinesFees.fineFeeStatus": "Statuses of fines and fees",
    "HFrUserFinesFees.fineFeeType": "Types of fines and fees",
    "UserGroups": "User groups",
}
_TABLES = {**{str(table.value): text for table, text in _OWN.items()}, **_MADE}
"""Every code table by its name, with what it is about."""

Row = tuple[str, str, bool]


@api.get("/conf/libraries", response={200: Libraries, **REFUSALS}, tags=_TAGS, summary="List libraries")
@called("conf:read")
def list_libraries(call: Call) -> HttpResponseBase:
    """Those that are open."""
    found = [_library(call, each) for each in libraries(call.institution.pk) if each.is_active]
    return answer(call, "libraries", {**_some("library", found), "total_record_count": len(found)})


@api.get("/conf/libraries/{library_code}", response={200: Library, **REFUSALS}, tags=_TAGS, summary="Read a library")
@called("conf:read")
def read_library(call: Call, library_code: str) -> HttpResponseBase:
    """By its code."""
    return answer(call, "library", _library(call, _library_of(call, library_code)))


@api.get(
    "/conf/libraries/{library_code}/circ-desks",
    response={200: Desks, **REFUSALS},
    tags=_TAGS,
    summary="List the circulation desks of a library",
)
@called("conf:read")
def list_desks(
    call: Call,
    library_code: str,
    limit: Limit = 10,
    offset: Offset = 0,
) -> HttpResponseBase:
    """Those that are open, by name."""
    library = _library_of(call, library_code)
    found = desks(call.institution.pk).filter(library=library, is_active=True)
    part = [_desk(call, each) for each in found[page(limit, offset)]]
    return answer(call, "circ_desks", {**_some("circ_desk", part), "total_record_count": found.count()})


@api.get(
    "/conf/libraries/{library_code}/circ-desks/{desk_code}",
    response={200: Desk, **REFUSALS},
    tags=_TAGS,
    summary="Read a circulation desk",
)
@called("conf:read")
def read_desk(call: Call, library_code: str, desk_code: str) -> HttpResponseBase:
    """By the codes of its library and its own."""
    library = _library_of(call, library_code)
    found = next((each for each in desks(call.institution.pk).filter(library=library) if each.code == desk_code), None)
    if found is None:
        raise AlmaError("401666", f"The circulation desk {desk_code} was not found.")
    return answer(call, "circ_desk", _desk(call, found))


@api.get("/conf/departments", response={200: Departments, **REFUSALS}, tags=_TAGS, summary="List the departments")
@called("conf:read")
def list_departments(call: Call, type: str = "") -> HttpResponseBase:
    """Where people work: the circulation desks that are open, of every library."""
    is_wanted = type.strip().upper() in ("", "ALL", _DESK_TYPE)
    found = desks(call.institution.pk).filter(is_active=True, library__is_active=True) if is_wanted else ()
    listed = [
        {
            "code": each.code,
            "name": each.name,
            "type": {"value": _DESK_TYPE, "desc": "Circulation desk"},
            "library": {"value": each.library.code, "desc": each.library.name},
            "link": call.url(f"/almaws/v1/conf/libraries/{each.library.code}/circ-desks/{each.code}"),
        }
        for each in found
    ]
    return answer(call, "departments", {**_some("department", listed), "total_record_count": len(listed)})


@api.get("/conf/code-tables", response={200: CodeTables, **REFUSALS}, tags=_TAGS, summary="List the code tables")
@called("conf:read")
def list_code_tables(call: Call) -> HttpResponseBase:
    """Their names."""
    found = [{"value": name, "link": call.url(f"/almaws/v1/conf/code-tables/{name}")} for name in _TABLES]
    return answer(call, "code_tables", {"code_table": found})


@api.get(
    "/conf/code-tables/{code_table_name}",
    response={200: CodeTable, **REFUSALS},
    tags=_TAGS,
    summary="Read a code table",
)
@called("conf:read")
def read_code_table(call: Call, code_table_name: str, scope: str = "") -> HttpResponseBase:
    """Its codes with what they are called, and whether each can be chosen now. ``scope`` may say enabled only."""
    if code_table_name not in _TABLES:
        raise AlmaError("90101", f"The code table {code_table_name} does not exist.")
    rows = [
        {"code": code, "description": label, "default": False, "enabled": is_active}
        for code, label, is_active in _rows(call, code_table_name)
    ]
    tree = {
        "name": code_table_name,
        "description": _TABLES[code_table_name],
        "language": {"value": "en", "desc": "English"},
        "scope": {"institution_id": {"value": call.institution.code, "desc": call.institution.name}},
        "row": rows,
        "link": call.url(f"/almaws/v1/conf/code-tables/{code_table_name}"),
    }
    return answer(call, "code_table", tree)


def _rows(call: Call, name: str) -> list[Row]:
    institution_id = call.institution.pk
    if name == "UserGroups":
        return [(each.code, each.label, each.is_active) for each in user_groups(institution_id)]
    if name == "FineFeeTransactionType":
        return [(code, label, True) for code, label in TRANSACTION_TYPES.items()]
    if name == "HFrUserFinesFees.fineFeeStatus":
        return [(code, label, True) for code, label in FEE_STATUSES.items()]
    if name == "HFrUserFinesFees.fineFeeType":
        types = FeeType.objects.filter(institution_id=institution_id).order_by("position")
        return [(each.code, each.label, each.is_enabled) for each in types]
    entries = CodeEntry.objects.filter(institution_id=institution_id, table=name, removed_at=None)
    return [(each.code, each.label, each.is_active) for each in entries.order_by("position", "label")]


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


def _some(name: str, found: list[Any]) -> dict[str, Any]:
    """An empty list is left out, as the dialect does."""
    return {name: found} if found else {}


def _library_of(call: Call, code: str) -> places.Library:
    found = next((each for each in libraries(call.institution.pk) if each.code == code), None)
    if found is None:
        raise AlmaError("401666", f"The library {code} was not found.")
    return found


def _library(call: Call, library: places.Library) -> dict[str, Any]:
    return {
        "link": call.url(f"/almaws/v1/conf/libraries/{library.code}"),
        "code": library.code,
        "path": f"{call.institution.code}.{library.code}",
        "name": library.name,
        "description": None,
        "resource_sharing": False,
        "campus": None,
        "number_of_circ_desks": {
            "value": library.desks.filter(is_active=True).count(),
            "link": call.url(f"/almaws/v1/conf/libraries/{library.code}/circ-desks"),
        },
    }


def _desk(call: Call, desk: places.Desk) -> dict[str, Any]:
    return {
        "link": call.url(f"/almaws/v1/conf/libraries/{desk.library.code}/circ-desks/{desk.code}"),
        "code": desk.code,
        "name": desk.name,
        "library": {"value": desk.library.code, "desc": desk.library.name},
        "primary": "",
    }
