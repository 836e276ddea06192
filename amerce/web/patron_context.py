"""What every page of an open patron record shows around its own content."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise

from amerce.charges.queries import balances
from amerce.circulation.blocks import forbidden
from amerce.patrons.models import Patron
from amerce.patrons.queries import proxies_about
from amerce.web.block_wording import block_lines
from amerce.web.open_record import IDLE_S
from amerce.web.request import StaffRequest
from amerce.web.tabs import DETAILS_TABS, Tab


@dataclass(frozen=True)
class TabMark:
    """A tab as it is drawn: where it leads, how much it holds, whether it is the one shown.

    Of one that ``is_asked``, ``mark_url`` says how much it holds, once the page is there.
    """

    key: str
    label: str | Promise
    url: str
    held: int
    chosen: bool
    is_asked: bool = False
    mark_url: str = ""


def patron_context(
    request: StaffRequest, patron: Patron, tabs: Sequence[Tab] = DETAILS_TABS, chosen: str = ""
) -> dict[str, Any]:
    """For ``web/patron/services.html``, ``web/patron/details.html`` and what extends them.

    Adds patron, notes, popups, blocks (set by hand), debt_blocks, balances, borrows_for and borrowers (who is and has
    a proxy), came (the proxy who is here for the patron), tabs, tab (the chosen one) and what the idle clock needs.
    Three queries, one more when somebody set a block, one more with a proxy, and those that the tabs count with.
    """
    now = timezone.now()
    prefetch_related_objects([patron], "notes")
    lines = block_lines(forbidden(request.actor, patron.pk, at=now), request.institution)
    notes = sorted(patron.notes.all(), key=lambda each: each.created_at, reverse=True)
    return {
        "patron": patron,
        "notes": notes,
        "popups": [each for each in notes if each.is_popup],
        "blocks": [each.sentence for each in lines if each.is_manual],
        "debt_blocks": [each.sentence for each in lines if not each.is_manual],
        "has_expired": _has_expired(patron, now, request),
        "balances": balances(request.actor, patron.pk),
        **_proxies(request, patron),
        "tabs": [_mark(request, patron, each, chosen) for each in tabs],
        "tab": next((each for each in tabs if each.key == chosen), None),
        "idle_s": IDLE_S,
    }


def _proxies(request: StaffRequest, patron: Patron) -> dict[str, Any]:
    rows = proxies_about(request.actor, patron.pk) if patron.proxies_held else []
    return {
        "borrows_for": [each.patron for each in rows if each.proxy_id == patron.pk],
        "borrowers": [each.proxy for each in rows if each.patron_id == patron.pk],
        "came": next((each.proxy for each in rows if each.proxy_id == request.open_record.proxy_id), None),
    }


def _mark(request: StaffRequest, patron: Patron, tab: Tab, chosen: str) -> TabMark:
    record = reverse("patron-record", args=[patron.pk])
    url = reverse(tab.url_name, args=[patron.pk]) if tab.url_name else f"{record}?tab={tab.key}"
    if tab.mark:
        held, mark_url = tab.mark(request, patron)
        is_chosen = tab.key == chosen
        return TabMark(tab.key, tab.label, url, held, is_chosen, True, "" if is_chosen else mark_url)
    return TabMark(tab.key, tab.label, url, tab.count(request.actor, patron), tab.key == chosen)


def _has_expired(patron: Patron, now: datetime, request: StaffRequest) -> bool:
    return patron.expires_on is not None and patron.expires_on < now.astimezone(request.institution.zone).date()
