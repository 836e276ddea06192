"""What goes wrong in a call of the dialect: its code, its status, and the error object in both forms.

Why one table: programs branch on these codes, so a refusal of a command must always have the same one.
"""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja.errors import ValidationError

from amerce.access.can import AboveCeiling, NotAllowed
from amerce.access.key_actor import KeyRefused, TooManyCalls
from amerce.api.call import KeyTooLong, LengthMissing, NothingThere, ScopeMissing, WrongMethod, wants_json
from amerce.api.json_form import to_json
from amerce.api.tree import Malformed
from amerce.api.words import sentence_for
from amerce.api.xml_form import to_xml
from amerce.charges import errors as charges
from amerce.circulation.errors import ItemNotFound
from amerce.inputs.errors import Refused
from amerce.institutions.models import Institution
from amerce.jobs.transient import is_busy
from amerce.money.amount import AmountError, AmountMissing
from amerce.patrons import errors as people
from amerce.patrons.queries import PatronNotFound

NAMESPACE = "http://com/exlibris/urm/general/xmlbeans"
JSON, XML = "application/json;charset=UTF-8", "application/xml;charset=UTF-8"
_log = logging.getLogger(__name__)

BAD_PARAMETER = "401666"
GENERAL = "402119"


@dataclass
class AlmaError(Exception):
    """A refusal with its code. ``status`` is that of the answer."""

    code: str
    message: str
    status: int = 400
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(self.code, self.message)


def bad_parameter(name: str, why: str = "") -> AlmaError:
    return AlmaError(BAD_PARAMETER, f"The parameter {name} is not valid. {why}".strip())


def other_library() -> AlmaError:
    return AlmaError("60340", "The API key is restricted to another library.")


def no_user(user_id: str, code: str = "401861") -> AlmaError:
    if code == "401651":
        return AlmaError(code, f"Identifier {user_id} was not found.")
    return AlmaError(code, f"User with identifier {user_id} was not found.")


_CODES: dict[type[Exception], str] = {
    charges.FeeNotFound: "401665",
    charges.TypeUnknown: "4019992",
    charges.TypeNotManual: "4019992",
    charges.OwnerUnknown: "4019997",
    charges.DeskRequired: "4019997",
    charges.ItemUnknown: "4019993",
    ItemNotFound: "4019993",
    people.IdTaken: "401851",
    people.FieldMissing: "401664",
}
_MESSAGES: dict[type[Exception], str] = {
    charges.FeeNotFound: "Fine or fee was not found.",
    KeyTooLong: "An Idempotency-Key has at most 100 characters that can be seen.",
    Malformed: "The request body cannot be read.",
}


def error_of(error: Exception, institution: Institution | None) -> AlmaError:
    """The refusal that ``error`` is to a program; a general one where nobody foresaw it."""
    if isinstance(error, AlmaError):
        return error
    found = _of_the_call(error)
    if found is not None:
        return found
    if isinstance(error, people.CodeUnknown) and error.field == "group":
        return AlmaError("401852", "The user group is not valid.")
    known = isinstance(error, Refused | AmountError | people.PersonError | AboveCeiling)
    if known or type(error) in _MESSAGES or type(error) in _CODES:
        return AlmaError(_CODES.get(type(error), BAD_PARAMETER), _sentence(error, institution))
    _log.error("a call failed", exc_info=error)
    return AlmaError(GENERAL, "A general error has occurred.", 500)


def _of_the_call(error: Exception) -> AlmaError | None:
    if isinstance(error, OperationalError) and not is_busy(error):
        return None
    return next((_CALLS[kind](error) for kind in type(error).__mro__ if kind in _CALLS), None)


def _wrong_parameter(error: Any) -> AlmaError:
    named = [str(each["loc"][-1]) for each in error.errors if each.get("loc")]
    return bad_parameter(named[0] if named else "of the call")


_CALLS: dict[type, Callable[[Any], AlmaError]] = {
    KeyRefused: lambda _: AlmaError("UNAUTHORIZED", "The API key is missing, unknown, expired or revoked.", 401),
    TooManyCalls: lambda _: AlmaError(
        "PER_SECOND_THRESHOLD", "HTTP requests are more than allowed per second.", 429, {"Retry-After": "1"}
    ),
    ScopeMissing: lambda error: AlmaError("FORBIDDEN", f"The API key lacks the scope {error.scope}.", 403),
    NotAllowed: lambda _: AlmaError("FORBIDDEN", "The API key does not allow this.", 403),
    NothingThere: lambda error: AlmaError("INVALID_PATH", f"There is nothing at {error.path}.", 404),
    WrongMethod: lambda error: AlmaError(
        "METHOD_NOT_ALLOWED", f"{error.method} is not possible here.", 405, {"Allow": error.allowed}
    ),
    PatronNotFound: lambda error: no_user(str(error)),
    ValidationError: _wrong_parameter,
    LengthMissing: lambda _: AlmaError(BAD_PARAMETER, "The request needs a Content-Length.", 411),
    RequestDataTooBig: lambda _: AlmaError(BAD_PARAMETER, "The request body is too long.", 413),
    SuspiciousOperation: lambda _: AlmaError(BAD_PARAMETER, "The request cannot be read."),
    OperationalError: lambda _: AlmaError(
        GENERAL, "The database is busy, so nothing was done. Send it again in a moment.", 503
    ),
}
"""What has to do with who called, how often and how, and whom they named."""


def _sentence(error: Exception, institution: Institution | None) -> str:
    found = _MESSAGES.get(type(error)) or (sentence_for(error, institution) if institution else None)
    if isinstance(error, AmountMissing):
        return "The parameter amount is needed."
    name = getattr(error, "field", "")
    if isinstance(error, people.PersonError) and name:
        return f"{name}: {found or 'is not valid.'}"
    return found or (f"The parameter {name} is not valid." if name else "This is not possible.")


def refusal(request: HttpRequest, error: AlmaError) -> HttpResponse:
    """The error object in the form that was asked for."""
    now = timezone.now()
    tracking = f"E01-{now:%d%m%y%H%M}-{secrets.token_hex(3)[:5].upper()}-AWAE{secrets.randbelow(10**9):09d}"
    told: dict[str, Any] = {"errorCode": error.code, "errorMessage": error.message, "trackingId": tracking}
    tree: dict[str, Any] = {"errorsExist": True, "errorList": {"error": [told]}}
    if wants_json(request):
        response = HttpResponse(to_json({**tree, "result": None}), content_type=JSON, status=error.status)
    else:
        xml = to_xml("web_service_result", tree, xmlns=NAMESPACE)
        response = HttpResponse(DECLARATION + xml, content_type=XML, status=error.status)
    for name, value in error.headers.items():
        response[name] = value
    return response


DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
