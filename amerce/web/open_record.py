"""The patron records an operator has open now (row A9).

Why a signed cookie and not the session: each page of a patron renews the idle time, and a write to the
database on every page would hold up the desk. The server's clock alone decides. Only Done is kept in the session: an
answer that was on its way meanwhile brings the browser the cookie of before.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Concatenate, ParamSpec

from django.contrib import messages
from django.contrib.sessions.backends.base import SessionBase
from django.core import signing
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from amerce.patrons.models import Patron
from amerce.patrons.queries import get_patron

if TYPE_CHECKING:
    from amerce.web.request import StaffRequest

IDLE_S = 300
OPEN_RECORDS_LIMIT = 8
COOKIE = "amerce_open"
LEFT = "left_records"
"""The key in the session: patron id to when the operator was done with them, in milliseconds."""

Rest = ParamSpec("Rest")


@dataclass(frozen=True)
class OpenRecord:
    """``opened_at`` is when the desk session with this patron began; "loans of this session" count from it.
    ``proxy_id`` is the proxy who came in the patron's place.
    """

    opened_at: datetime
    seen_at: datetime
    proxy_id: int | None = None

    def is_idle(self, now: datetime) -> bool:
        return now - self.seen_at > timedelta(seconds=IDLE_S)


class OpenRecords:
    """The cookie of one sign-in. Bound to its session, so that nobody opens anything with it later."""

    def __init__(self, session: SessionBase, cookie: str = "") -> None:
        self._session = session
        self._salt = f"amerce.open_record.{session.session_key or ''}"
        self._records = self._read(cookie)
        self._changed = False

    def __contains__(self, patron_id: int) -> bool:
        return patron_id in self._records

    def open(self, patron_id: int, now: datetime, *, proxy_id: int | None = None) -> None:
        """Begin a new session with the patron or the proxy who came, also when the record was open already."""
        self._put(patron_id, OpenRecord(opened_at=now, seen_at=now, proxy_id=proxy_id))
        while len(self._records) > OPEN_RECORDS_LIMIT:
            self.close(min(self._records, key=lambda each: self._records[each].seen_at))

    def renew(self, patron_id: int, now: datetime) -> OpenRecord | None:
        """The open record, its idle time begun anew; None, and closed, when it is not open or was idle too long."""
        record = self._records.get(patron_id)
        if record is None or record.is_idle(now):
            self.close(patron_id)
            return None
        return self._put(patron_id, replace(record, seen_at=now))

    def close(self, patron_id: int) -> bool:
        """Close the record. False when it was not open."""
        closed = self._records.pop(patron_id, None)
        self._changed |= closed is not None
        return closed is not None

    def leave(self, patron_id: int, now: datetime) -> None:
        """Close the record for good: what a late answer brings back of it is not open. Writes the session.

        Remembered until such a record would be idle anyway.
        """
        self.close(patron_id)
        remembered_ms = _ms(now - timedelta(seconds=2 * IDLE_S))
        left = {key: at_ms for key, at_ms in self._session.get(LEFT, {}).items() if at_ms > remembered_ms}
        self._session[LEFT] = left | {str(patron_id): _ms(now)}

    def write_to(self, response: HttpResponseBase, *, secure: bool) -> None:
        if self._changed:
            response.set_cookie(COOKIE, self._signed(), httponly=True, samesite="Lax", secure=secure)

    def _put(self, patron_id: int, record: OpenRecord) -> OpenRecord:
        self._records[patron_id] = record
        self._changed = True
        return record

    def _signed(self) -> str:
        records = {
            key: [_ms(each.opened_at), _ms(each.seen_at), *([each.proxy_id] if each.proxy_id else [])]
            for key, each in self._records.items()
        }
        return signing.dumps(records, salt=self._salt)

    def _read(self, cookie: str) -> dict[int, OpenRecord]:
        if not cookie:
            return {}
        try:
            records = signing.loads(cookie, salt=self._salt)
        except signing.BadSignature:
            return {}
        left = self._session.get(LEFT, {})
        return {
            int(key): OpenRecord(_time(opened), _time(seen), *proxy_id)
            for key, (opened, seen, *proxy_id) in records.items()
            if opened > left.get(key, 0)
        }


def with_open_patron(
    view: Callable[Concatenate["StaffRequest", Patron, Rest], HttpResponse],
) -> Callable[..., HttpResponse]:
    """A view of one patron, ``view(request, patron, …)``, that works only while the record is open.

    The URL carries ``patron_id``. A closed record leads to the scan page, and a POST to it changes nothing.
    """

    @functools.wraps(view)
    def page(request: "StaffRequest", patron_id: int, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        was_open = patron_id in request.open_records
        record = request.open_records.renew(patron_id, timezone.now())
        if record is None:
            return _closed(request, idle=was_open)
        request.open_record = record
        patron = get_patron(request.actor, patron_id)
        patron.institution = request.institution  # known already, so that nobody reads it again
        return view(request, patron, *args, **kwargs)

    return page


def _closed(request: "StaffRequest", *, idle: bool) -> HttpResponse:
    messages.warning(
        request,
        _("This record was closed after five idle minutes. Scan the ID again.")
        if idle
        else _("This record is not open. Scan the ID to open it."),
    )
    scan_page = reverse("patron-services")
    return HttpResponseClientRedirect(scan_page) if request.htmx else redirect(scan_page)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _time(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
