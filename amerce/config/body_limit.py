"""How long a request to a page may be, by who sends it and what for: what is longer is refused before it is read.

Why not left to Django: it bounds what a form types and keeps a file of any length, also for who is not signed in.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from amerce.api.front import said_length
from amerce.web.refusals import refusal

TOO_LONG = 413
_MB = 1_000_000
_TAKES_FILES_OF_PAYMENTS = "bursar-import"
"""The page that takes files of payments, which are longer than others."""


class BodyLimit:
    """Stands before whatever reads a form."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        length = said_length(request)
        if length <= settings.AMERCE_BODY_LIMIT:
            return None
        limit = limit_of(request)
        return None if length <= limit else _refused(request, limit)


def limit_of(request: HttpRequest) -> int:
    """The most bytes that whoever asks may send there; the long ones only to who is signed in."""
    if not request.user.is_authenticated:
        return int(settings.AMERCE_BODY_LIMIT)
    match = request.resolver_match
    is_for_payments = match is not None and match.url_name == _TAKES_FILES_OF_PAYMENTS
    return int((settings.AMERCE_PAYMENTS_MB if is_for_payments else settings.AMERCE_UPLOAD_MB) * _MB)


def _refused(request: HttpRequest, limit: int) -> HttpResponse:
    sentence = _("What was sent is longer than %(most)s MB, which is the most here. Nothing was done.")
    told = sentence % {"most": limit // _MB}
    if request.user.is_authenticated:
        return refusal(request, told, title=_("Too long"), status=TOO_LONG)
    return HttpResponse(told, content_type="text/plain; charset=utf-8", status=TOO_LONG)
