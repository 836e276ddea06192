"""The tabs of an open patron record, all of them, in their order.

Why here: a tab is added by one entry, and both pages draw what is listed. A tab that holds something is
marked (row B14), so each says how to count without loading.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amerce.access.actors import Actor
from amerce.patrons.models import Patron
from amerce.web.attachments import attachments_held, attachments_tab, events_held
from amerce.web.fee_list import desk_fees, open_fees, payable_fees
from amerce.web.loans import loans, loans_held, requests, requests_held, returns, returns_held
from amerce.web.network_mark import mark_of
from amerce.web.record_tabs import blocks_tab, contact_tab, general_tab, identifiers_tab, notes_tab, proxies_tab
from amerce.web.request import StaffRequest


def _nothing(request: StaffRequest, patron: Patron) -> dict[str, Any]:
    return {}


def _none_held(actor: Actor, patron: Patron) -> int:
    return 0


@dataclass(frozen=True)
class Tab:
    """``template`` is the body, drawn with what ``context`` returns; ``count`` says how much it holds.

    ``count`` gets the patron from ``get_patron``, with ``notes`` prefetched. ``url_name`` is for tabs that are
    pages of their own. ``mark`` instead of ``count`` is for what would take long: how much it is known to hold, or the
    address that says so later.
    """

    key: str
    label: str | Promise
    template: str
    context: Callable[[StaffRequest, Patron], dict[str, Any]] = _nothing
    count: Callable[[Actor, Patron], int] = _none_held
    url_name: str = ""
    mark: Callable[[StaffRequest, Patron], tuple[int, str]] | None = None


SERVICES_TABS = (
    Tab("loans", _("Loans"), "web/patron/_loans.html", loans, loans_held),
    Tab("returns", _("Returns"), "web/patron/_returns.html", returns, returns_held),
    Tab("requests", _("Requests"), "web/patron/_requests.html", requests, requests_held),
    Tab("fees", _("Fines and Fees"), "web/patron/_fees.html", desk_fees, payable_fees),
)
"""Manage Patron Services: ``/patron-services/<id>/?tab=<key>``."""


def _contacts(actor: Actor, patron: Patron) -> int:
    return patron.contacts_held


def _identifiers(actor: Actor, patron: Patron) -> int:
    return patron.identifiers_held


def _proxies(actor: Actor, patron: Patron) -> int:
    return patron.proxies_held


def _notes(actor: Actor, patron: Patron) -> int:
    return len(patron.notes.all())


def _blocks(actor: Actor, patron: Patron) -> int:
    return patron.blocks_held


def _network(request: StaffRequest, patron: Patron) -> tuple[int, str]:
    return mark_of(request.session, patron, timezone.now())


DETAILS_TABS = (
    Tab("general", _("General"), "web/patron/_general.html", general_tab, url_name="patron-details"),
    Tab("contact", _("Contact"), "web/patron/_contact.html", contact_tab, _contacts, "patron-contact"),
    Tab(
        "identifiers",
        _("Identifiers"),
        "web/patron/_identifiers.html",
        identifiers_tab,
        _identifiers,
        "patron-identifiers",
    ),
    Tab("notes", _("Notes"), "web/patron/_notes.html", notes_tab, _notes, "patron-notes"),
    Tab("proxies", _("Proxies"), "web/patron/_proxies.html", proxies_tab, _proxies, "patron-proxies"),
    Tab("blocks", _("Blocks"), "web/patron/_blocks.html", blocks_tab, _blocks, "patron-blocks"),
    Tab("fees", _("Fines/Fees"), "web/fees.html", count=open_fees, url_name="patron-fees"),
    Tab(
        "attachments",
        _("Attachments"),
        "web/letters/_attachments.html",
        attachments_tab,
        attachments_held,
        "patron-attachments",
    ),
    Tab("history", _("History"), "web/patron_history.html", count=events_held, url_name="patron-history"),
    Tab("network", _("Network Activity"), "web/patron/network.html", url_name="patron-network", mark=_network),
)
"""User Details: each a page ``/patrons/<id>/<key>/``."""


def chosen_tab(tabs: Sequence[Tab], key: str) -> Tab:
    """The tab of that key; the first for a key nobody knows."""
    return next((each for each in tabs if each.key == key), tabs[0])
