"""Refusals as ``application/problem+json`` (RFC 9457), each with a code that a program can branch on.

Why the code from the class of the error: every refusal is a class of its own already, and its name stays.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import HttpResponse
from ninja.errors import HttpError, ValidationError

from amerce.access.can import AboveCeiling, NotAllowed
from amerce.access.key_actor import KeyRefused, TooManyCalls
from amerce.api.call import KeyTooLong, LengthMissing, NothingThere, ScopeMissing, WrongMethod
from amerce.api.json_form import to_json
from amerce.api.words import sentence_for
from amerce.bulk import errors as bulk
from amerce.bursar import errors as bursar
from amerce.charges import errors as charges
from amerce.inputs.errors import Refused, RowNotFound
from amerce.institutions.models import Institution
from amerce.jobs.errors import JobRefused, KeyReused
from amerce.jobs.transient import is_busy
from amerce.money.amount import AmountError
from amerce.patrons.queries import PatronNotFound

PROBLEM = "application/problem+json"
_log = logging.getLogger(__name__)
_NOT_FOUND = (charges.FeeNotFound, charges.TransferNotFound, PatronNotFound, RowNotFound)
_WRONG = (
    charges.AmountOutOfRange, charges.MethodUnknown, charges.NothingChosen, charges.MoreThanOwed,
    charges.MoreThanPaid, charges.ReasonUnknown, AmountError, AboveCeiling,
)  # fmt: skip
_STANDS_AGAINST = (
    charges.ChargeError, bulk.KeyReused, bulk.NothingToWaive, bulk.StillRunning, bulk.TotalDiffers,
    bursar.FileGone, bursar.RunStateForbids, KeyReused,
)  # fmt: skip
"""It is how things are now that forbids it, not what was sent."""
_WORD = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass
class Problem(Exception):
    """``code`` says what it is to a program, ``detail`` to a person."""

    status: int
    code: str
    detail: str
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(self.code, self.detail)


def problem_of(error: Exception, institution: Institution | None) -> Problem:
    """What ``error`` is to a program; a general one where nobody foresaw it."""
    found = error if isinstance(error, Problem) else _of_the_call(error)
    if found is not None:
        return found
    code = _WORD.sub("_", type(error).__name__).lower()
    if isinstance(error, _NOT_FOUND):
        return Problem(404, code, "There is no such thing here.")
    if isinstance(error, JobRefused):
        return Problem(422, code, str(error))
    if isinstance(error, Refused | AmountError | AboveCeiling):
        sentence = (sentence_for(error, institution) if institution else None) or "This is not possible."
        is_conflict = isinstance(error, _STANDS_AGAINST) and not isinstance(error, _WRONG)
        return Problem(409 if is_conflict else 422, code, sentence)
    _log.error("a call failed", exc_info=error)
    return Problem(500, "error", "Something went wrong here, and nothing was done.")


def _of_the_call(error: Exception) -> Problem | None:
    if isinstance(error, OperationalError) and not is_busy(error):
        return None
    return next((_CALLS[kind](error) for kind in type(error).__mro__ if kind in _CALLS), None)


def _malformed(error: Any) -> Problem:
    named = sorted({str(each["loc"][-1]) for each in error.errors if each.get("loc")})
    return Problem(422, "malformed", f"These cannot be taken as they are: {', '.join(named)}.")


_CALLS: dict[type, Callable[[Any], Problem]] = {
    KeyRefused: lambda _: Problem(401, "unauthorized", "The API key is missing, unknown, expired or revoked."),
    TooManyCalls: lambda _: Problem(
        429, "too_many_calls", "More calls than this key may make in a second.", {"Retry-After": "1"}
    ),
    ScopeMissing: lambda error: Problem(403, "scope_missing", f"The API key lacks the scope {error.scope}."),
    NotAllowed: lambda _: Problem(403, "forbidden", "The API key does not allow this."),
    NothingThere: lambda error: Problem(404, "not_found", f"There is nothing at {error.path}."),
    WrongMethod: lambda error: Problem(
        405, "method_not_allowed", f"{error.method} is not possible here.", {"Allow": error.allowed}
    ),
    KeyTooLong: lambda _: Problem(
        422, "key_too_long", "An Idempotency-Key has at most 100 characters that can be seen."
    ),
    ValidationError: _malformed,
    HttpError: lambda error: Problem(error.status_code, "malformed", "The body cannot be read."),
    LengthMissing: lambda _: Problem(411, "length_missing", "The request needs a Content-Length."),
    RequestDataTooBig: lambda _: Problem(413, "too_long", "The body is too long."),
    SuspiciousOperation: lambda _: Problem(400, "malformed", "The request cannot be read."),
    OperationalError: lambda _: Problem(
        503, "busy", "The database is busy, so nothing was done. Send it again in a moment."
    ),
}
"""What has to do with who called, how often and how, and not with what was asked for."""


def refusal(problem: Problem) -> HttpResponse:
    tree: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
    }
    response = HttpResponse(to_json(tree), content_type=PROBLEM, status=problem.status)
    for name, value in problem.headers.items():
        response[name] = value
    return response
