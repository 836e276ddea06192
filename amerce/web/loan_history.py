"""What the history of a patron says of loans and requests, and why somebody was let through in spite of a block.

Why the titles are read from the loans of the patron and not from the events: a loan that was made anonymous has no
patron any more, and then the history must not name the book either.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from babel.lists import format_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.access.actors import Actor
from amerce.circulation.queries import titles_of_loans, titles_of_requests
from amerce.institutions.models import Institution
from amerce.patrons.queries import names_of, note_texts
from amerce.web.templatetags.amerce import moment

SENTENCES = {
    "loan.checked_out": gettext_lazy("Lent %(title)s, due %(due)s."),
    "loan.renewed": gettext_lazy("Renewed %(title)s, due %(due)s."),
    "loan.recalled": gettext_lazy("Recalled %(title)s, due %(due)s."),
    "loan.recall_cancelled": gettext_lazy("Nobody waits for %(title)s any more: due %(due)s."),
    "loan.returned": gettext_lazy("Returned %(title)s."),
    "loan.claimed_returned": gettext_lazy("Marked %(title)s Claimed Return."),
    "loan.overdue_noticed": gettext_lazy("Overdue notice %(number)s for %(title)s."),
    "loan.lost": gettext_lazy("Marked %(title)s Lost."),
    "loan.found": gettext_lazy("Marked %(title)s Found."),
    "loan.noted": gettext_lazy("Wrote a note on the loan of %(title)s."),
    "loan.closed": gettext_lazy("%(title)s, lost, left the list: all it cost is settled."),
    "loan.reopened": gettext_lazy("%(title)s, lost, is back on the list: what it cost is owed again."),
    "request.placed": gettext_lazy("Requested %(title)s."),
    "request.fulfilled": gettext_lazy("The request for %(title)s was fulfilled."),
    "request.cancelled": gettext_lazy("Cancelled the request for %(title)s; the user is notified."),
}
"""Event name to its sentence."""

_UNTOLD = gettext_lazy("Cancelled the request for %(title)s; the user is not notified.")
_RENEWED_SEVERAL = gettext_lazy("Renewed %(title)s.")


@dataclass(frozen=True)
class Told:
    """What a page of events speaks of, by id: read once for all of them."""

    loans: Mapping[int, str] = field(default_factory=dict)
    requests: Mapping[int, str] = field(default_factory=dict)
    notes: Mapping[int, str] = field(default_factory=dict)
    proxies: Mapping[int, str] = field(default_factory=dict)


def read_told(actor: Actor, patron_id: int, events: Iterable[dict[str, Any]]) -> Told:
    """The words that the data of ``events`` only names. No query for what none of them speaks of."""
    found = list(events)
    loans = {loan_id for data in found for loan_id in _loan_ids(data)}
    requests = {data["request"] for data in found if "loan" not in data and data.get("request")}
    notes = {data["override"]["note"] for data in found if data.get("override")}
    proxies = {data["proxy"] for data in found if "proxy" in data and "seq" not in data}
    return Told(
        titles_of_loans(actor, patron_id, loans) if loans else {},
        titles_of_requests(actor, patron_id, requests) if requests else {},
        note_texts(actor, patron_id, notes) if notes else {},
        names_of(actor, proxies) if proxies else {},
    )


def sentence_of(name: str, data: dict[str, Any]) -> Any:
    """The sentence for an event of this package; None for any other."""
    if name == "request.cancelled" and not data.get("notify"):
        return _UNTOLD
    if name == "loan.renewed" and len(data.get("loans") or ()) > 1:
        return _RENEWED_SEVERAL
    return SENTENCES.get(name)


def loan_values(data: dict[str, Any], told: Told, institution: Institution) -> dict[str, str]:
    """What the sentences need of the data of an event."""
    titles = [told.loans[each] for each in _loan_ids(data) if each in told.loans]
    if not titles and data.get("request") in told.requests:
        titles = [told.requests[data["request"]]]
    due = data.get("due_at") or next((each[1] for each in data.get("loans") or ()), "")
    return {
        "title": format_list(titles, locale=institution.locale) if titles else _("an item"),
        "due": moment(datetime.fromisoformat(due), institution) if due else "",
    }


def override_of(data: dict[str, Any], told: Told) -> str:
    """In spite of a block, or of somebody else's request, and why; nothing for an event without one."""
    if not data.get("override"):
        return ""
    reason = told.notes.get(data["override"]["note"])
    if data["override"]["blocks"] == ["awaited"]:
        return (
            _("In spite of another patron's request: %(reason)s") % {"reason": reason}
            if reason
            else _("In spite of another patron's request; the reason was erased.")
        )
    return (
        _("In spite of a block: %(reason)s") % {"reason": reason}
        if reason
        else _("In spite of a block; the reason was erased.")
    )


def proxy_of(data: dict[str, Any], told: Told) -> str:
    """Who came for the patron; nothing when the patron did, or when their record (``seq``) got or lost a proxy."""
    name = None if "seq" in data else told.proxies.get(data.get("proxy", 0))
    return _("%(name)s came as proxy.") % {"name": name} if name else ""


def _loan_ids(data: dict[str, Any]) -> list[int]:
    return [each[0] for each in data.get("loans") or ()] or ([data["loan"]] if data.get("loan") else [])
