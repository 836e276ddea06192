"""The tabs Loans, Returns and Requests of Patron Services (row A4).

Why "of this session" first: at the desk one sees what was lent to the person standing there.
"""

from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.utils import timezone
from django.utils.translation import gettext as _

from amerce.access.actors import Actor
from amerce.circulation.queries import (
    Held,
    held_by,
    is_overdue,
    loans_of,
    loans_of_session,
    requests_of,
    returns_of,
)
from amerce.patrons.models import Patron
from amerce.web.request import StaffRequest

RETURNS_KEPT_DAYS = 180
PER_PAGE = 50
SESSION, ALL = "session", "all"


def loans(request: StaffRequest, patron: Patron) -> dict[str, Any]:
    now = timezone.now()
    display = _display(request)
    since = request.open_record.opened_at
    found = loans_of(request.actor, patron.pk) if display == ALL else loans_of_session(request.actor, patron.pk, since)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    for loan in page.object_list:
        loan.overdue = is_overdue(loan, now)
    return {
        "display": display,
        "page": page,
        "columns": _columns(due=_("Due"), status=_("Status"), lent=_("Lent"), library=_("Library")),
        "overdue_count": held(request.actor, patron).overdue,
    }


def returns(request: StaffRequest, patron: Patron) -> dict[str, Any]:
    display = _display(request)
    since = _kept_since() if display == ALL else request.open_record.opened_at
    page = Paginator(returns_of(request.actor, patron.pk, since), PER_PAGE).get_page(request.GET.get("page"))
    columns = _columns(returned=_("Returned"), due=_("Was due"), library=_("Library"))
    return {"display": display, "page": page, "columns": columns, "kept_days": RETURNS_KEPT_DAYS}


def requests(request: StaffRequest, patron: Patron) -> dict[str, Any]:
    page = Paginator(requests_of(request.actor, patron.pk), PER_PAGE).get_page(request.GET.get("page"))
    return {"page": page, "columns": _columns(placed=_("Placed"), pickup=_("Pickup at"))}


def loans_held(actor: Actor, patron: Patron) -> int:
    return held(actor, patron).loans


def returns_held(actor: Actor, patron: Patron) -> int:
    return held(actor, patron).returns


def requests_held(actor: Actor, patron: Patron) -> int:
    return held(actor, patron).requests


def held(actor: Actor, patron: Patron) -> Held:
    """What the tabs hold, read once for each patron object."""
    known: Held | None = getattr(patron, "_held", None)
    if known is None:
        known = held_by(actor, patron.pk, at=timezone.now(), returns_since=_kept_since())
        patron._held = known  # type: ignore[attr-defined]
    return known


def _columns(**others: str) -> dict[str, str]:
    """The columns of a list of items by name, with the words above them, in order."""
    return {"title": _("Title"), "barcode": _("Barcode"), **others}


def _display(request: StaffRequest) -> str:
    return ALL if request.GET.get("display") == ALL else SESSION


def _kept_since() -> datetime:
    return timezone.now() - timedelta(days=RETURNS_KEPT_DAYS)
