"""The tab Network Activity of User Details: what the patron owes at other institutions (rows B13, B14).

Why asked by a request of its own: others may take seconds to answer, and no page waits for them. Why sent as a form:
each look is kept. Only at how many members something is owed is remembered, in the session and for minutes.
"""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from amerce.money.format import format_amount
from amerce.network.activity import Activity, MemberAnswer, network_activity
from amerce.network.answer import State
from amerce.patrons.models import Patron
from amerce.web.network_mark import remember
from amerce.web.network_wording import STATES, TROUBLED
from amerce.web.open_record import with_open_patron
from amerce.web.patron_context import patron_context
from amerce.web.request import StaffRequest
from amerce.web.tabs import DETAILS_TABS

SHOWN_AT_ONCE = 10


@dataclass(frozen=True)
class Row:
    """A member: the ``total`` and each fee (type, title, amount, whether it is a credit), or a sentence instead.

    ``all`` is how many fees there are, of which the first are shown.
    """

    name: str
    sentence: str = ""
    is_trouble: bool = False
    total: str = ""
    fees: list[tuple[str, str, str, bool]] = field(default_factory=list)
    all: int = 0

    @property
    def is_short(self) -> bool:
        """Whether the fees are shown at once, or when somebody asks for them."""
        return self.all <= SHOWN_AT_ONCE


FRAGMENT = "web/patron/_network_activity.html"


@require_safe
@with_open_patron
def patron_network(request: StaffRequest, patron: Patron) -> HttpResponse:
    """The tab without its answers, which it asks for when it is there."""
    return render(request, "web/patron/network.html", patron_context(request, patron, DETAILS_TABS, "network"))


@require_POST
@with_open_patron
def ask_network(request: StaffRequest, patron: Patron) -> HttpResponse:
    """The answers: for the page that waits for them, or as a page where nothing waits."""
    activity = _asked(request, patron)
    context = _context(request, activity) | {"patron": patron}
    if request.htmx:
        return render(request, FRAGMENT, context | {"is_part": True})
    page = patron_context(request, patron, DETAILS_TABS, "network")
    return render(request, "web/patron/network.html", page | context)


@require_POST
@with_open_patron
def network_mark(request: StaffRequest, patron: Patron) -> HttpResponse:
    """Whether the tab holds something, for any other page of the patron."""
    return render(request, "web/patron/_network_mark.html", {"owing": _asked(request, patron).owing})


def _asked(request: StaffRequest, patron: Patron) -> Activity:
    now = timezone.now()
    activity = network_activity(actor=request.actor, at=now, patron_id=patron.pk)
    remember(request.session, patron.pk, activity, now)
    return activity


def _context(request: StaffRequest, activity: Activity) -> dict[str, Any]:
    """In words, amounts as our institution writes them, who is owed first."""
    locale = request.institution.locale
    members = sorted(activity.members, key=lambda each: (each.answer.state is not State.OWES, each.name.casefold()))
    return {
        "activity": activity,
        "totals": [format_amount(minor, money, locale) for money, minor in activity.totals],
        "rows": [_in_words(each, locale) for each in members],
        "owing": activity.owing,
    }


def _in_words(member: MemberAnswer, locale: str) -> Row:
    answer = member.answer
    if answer.currency is None or answer.state is not State.OWES:
        return Row(member.name, str(STATES[answer.state]), answer.state in TROUBLED)
    fees = [
        (each.type, each.title, format_amount(each.balance_minor, answer.currency, locale), each.balance_minor < 0)
        for each in answer.fees
    ]
    return Row(
        member.name, total=format_amount(answer.total_minor, answer.currency, locale), fees=fees, all=answer.count
    )
