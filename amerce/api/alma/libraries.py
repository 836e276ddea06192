"""Libraries and their circulation desks."""

from typing import Any

from django.http.response import HttpResponseBase

from amerce.api.alma.answers import answer
from amerce.api.alma.errors import AlmaError
from amerce.api.alma.interface import api
from amerce.api.alma.schemas import REFUSALS, Departments, Desk, Desks, Libraries, Library
from amerce.api.call import Call, called
from amerce.api.paging import Limit, Offset, page
from amerce.institutions import models as places
from amerce.institutions.queries import desks, libraries

_TAGS = ["Configuration"]
_DESK_TYPE = "CIRC_DESK"


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
