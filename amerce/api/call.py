"""One call: whose it is, in which form it wants its answer, and what it sent.

Why not by the session: a program has none, and a browser that is signed in here must not act through these paths.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, wraps
from inspect import Signature, signature
from typing import Any, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone, translation

from amerce.access.key_actor import Caller, KeyRefused, caller_of, tell_scope_missing
from amerce.api.json_form import from_json
from amerce.api.xml_form import from_xml

KEY_LIMIT = 100
"""Characters of an ``Idempotency-Key``."""
_NONE = frozenset({"", "none", "null", "undefined"})


class ScopeMissing(Exception):
    """The key was not given ``scope``."""

    def __init__(self, scope: str) -> None:
        super().__init__(scope)
        self.scope = scope


class KeyTooLong(Exception):
    """An ``Idempotency-Key`` has 1 to ``KEY_LIMIT`` characters that can be seen."""


class LengthMissing(Exception):
    """A body came without its length (``Transfer-Encoding: chunked``)."""


class NothingThere(Exception):
    """``path`` is none of the interface."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class WrongMethod(Exception):
    """The path is there, and is called by the methods of ``allowed``, not by ``method``."""

    def __init__(self, method: str, allowed: str) -> None:
        super().__init__(method)
        self.method, self.allowed = method, allowed


@dataclass
class Call:
    """What every view of the interface gets instead of a bare request."""

    request: HttpRequest
    caller: Caller
    at: datetime = field(default_factory=timezone.now)

    @property
    def actor(self) -> Any:
        return self.caller.actor

    @property
    def institution(self) -> Any:
        return self.caller.institution

    @cached_property
    def exponent(self) -> int:
        return int(self.institution.currency.exponent)

    @cached_property
    def host(self) -> str:
        """Scheme and host that were asked, for links."""
        return self.request.build_absolute_uri("/").removesuffix("/")

    def need(self, scope: str) -> None:
        """Raise ``ScopeMissing`` unless the key was given ``scope``."""
        if scope not in self.caller.scopes:
            tell_scope_missing(self.caller, scope, self.at)
            raise ScopeMissing(scope)

    def url(self, path: str) -> str:
        """An absolute address on the host that was asked."""
        return self.request.build_absolute_uri(path)

    @property
    def form_key(self) -> str:
        """The idempotency key of the call, kept apart from those of other programs and of pages; empty without one."""
        typed = self.request.headers.get("Idempotency-Key", "").strip()
        if len(typed) > KEY_LIMIT or not typed.isprintable():
            raise KeyTooLong
        return f"{self.caller.key.prefix}:{typed}" if typed else ""

    def body(self) -> Any:
        """What was sent, in XML or JSON. Raises ``Malformed``."""
        raw = self.request.body.strip()
        kind = self.request.content_type or ""
        if "xml" in kind or ("json" not in kind and raw.startswith(b"<")):
            return from_xml(raw)
        return from_json(raw)


def given(text: str) -> str:
    """``text`` of a parameter; nothing for what programs send when they have nothing."""
    return "" if text.strip().casefold() in _NONE else text


def wants_json(request: HttpRequest) -> bool:
    """``format=`` has the first word, then ``Accept``; else it is XML."""
    asked = request.GET.get("format", "").casefold()
    if asked in ("json", "xml"):
        return asked == "json"
    return _accepts_json(request.headers.get("Accept", ""))


def _accepts_json(accept: str) -> bool:
    best, is_json = 0.0, False
    for each in accept.split(","):
        kind, *parameters = (part.strip().casefold() for part in each.split(";"))
        weight = next((_weight(part[2:]) for part in parameters if part.startswith("q=")), 1.0)
        if weight > best and kind in ("application/json", "text/json", "application/xml", "text/xml"):
            best, is_json = weight, kind.endswith("json")
    return is_json


def _weight(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def identified(request: HttpRequest) -> Caller:
    """Whose call it is, by the header or else the query. Raises ``KeyRefused``, ``TooManyCalls``."""
    scheme, _space, key = request.headers.get("Authorization", "").strip().partition(" ")
    typed = key.strip() if scheme.casefold() in ("apikey", "bearer") else ""
    typed = typed or request.GET.get("apikey", "")
    if not typed:
        raise KeyRefused
    return caller_of(typed, at=timezone.now(), address=request.META.get("REMOTE_ADDR", ""))


View = Callable[..., HttpResponseBase]


def called(scope: str | None) -> Callable[[View], View]:
    """A view for calls whose key has ``scope``, in the institution's zone; it gets a ``Call`` for its request."""

    def with_scope(view: View) -> View:
        @wraps(view)
        def answered(request: HttpRequest, **inputs: Any) -> HttpResponseBase:
            call = Call(request, cast(Any, request).auth)
            if scope is not None:
                call.need(scope)
            with timezone.override(call.institution.zone), translation.override("en"):
                return view(call, **inputs)

        answered.__signature__ = _as_asked(view)  # type: ignore[attr-defined]
        answered.scope = scope  # type: ignore[attr-defined]  # for the documents
        return answered

    return with_scope


def _as_asked(view: View) -> Signature:
    """What ninja reads the parameters of the call from: the view's own, with the request where the ``Call`` is."""
    first, *others = signature(view).parameters.values()
    return Signature([first.replace(name="request", annotation=HttpRequest), *others])
