"""The tabs Loans, Returns and Requests of Patron Services (rows A4, A5).

Why "of this session" first: at the desk one sees what was lent to the person standing there.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from amerce.access.actors import Actor
from amerce.access.can import can
from amerce.access.privileges import Privilege
from amerce.circulation.models import Loan
from amerce.circulation.queries import (
    Held,
    held_by,
    is_overdue,
    loans_of,
    loans_of_session,
    requests_of,
    returns_of,
)
from amerce.circulation.standing import standing_of
from amerce.patrons.models import Patron
from amerce.web.loan_actions import marks_for, may_renew
from amerce.web.loan_table import chosen_columns
from amerce.web.paging import page_asked
from amerce.web.request import StaffRequest

PER_PAGE = 50
SESSION, ALL = "session", "all"


def loans(request: StaffRequest, patron: Patron) -> dict[str, Any]:
    """What the tab Loans draws. The same number of queries however many loans there are."""
    display = _display(request)
    since = request.open_record.opened_at
    found = loans_of(request.actor, patron.pk) if display == ALL else loans_of_session(request.actor, patron.pk, since)
    page = page_asked(request, found, PER_PAGE)
    page.object_list = list(page.object_list)
    _prepare(request, page.object_list)
    return {
        "display": display,
        "page": page,
        "columns": chosen_columns(request),
        "here": _here(patron, "loans", display),
        "seen": moment_seen(timezone.now()),
        "has_renewable": any(each.may_renew for each in page.object_list),
        "overdue_count": held(request.actor, patron).overdue,
    }


def _prepare(request: StaffRequest, found: Sequence[Loan]) -> None:
    """Each loan knows what its row says, so that the template asks nothing."""
    now = timezone.now()
    standings = standing_of(request.actor, request.institution, found, at=now)
    for loan in found:
        row: Any = loan
        row.overdue = is_overdue(loan, now)
        row.standing = standings[loan.pk]
        row.words = list(_words(loan, overdue=row.overdue))
        row.accrues = row.overdue and loan.status not in (Loan.Status.LOST, Loan.Status.CLAIMED_RETURN)
        row.marks = marks_for(request.actor, loan)
        row.may_renew = may_renew(request.actor, loan)


def _words(loan: Loan, *, overdue: bool) -> Iterable[tuple[str, str]]:
    """The states of a loan, each with the kind of its colour."""
    if loan.status == Loan.Status.LOST:
        yield "stop", _("Lost")
    elif loan.status == Loan.Status.CLAIMED_RETURN:
        yield "attention", _("Claimed Return")
    elif loan.status == Loan.Status.RECALL:
        yield "attention", _("Recalled")
    elif not overdue:
        yield "good", _("Renewed") if loan.status == Loan.Status.RENEW else _("On loan")
    if overdue:
        yield "stop", _("Overdue")


def returns(request: StaffRequest, patron: Patron) -> dict[str, Any]:
    display = _display(request)
    since = _kept_since(patron) if display == ALL else request.open_record.opened_at
    page = page_asked(request, returns_of(request.actor, patron.pk, since), PER_PAGE)
    return {
        "display": display,
        "page": page,
        "columns": _columns(returned=_("Returned"), due=_("Was due"), library=_("Library")),
        "kept_days": request.institution.returns_kept_days,
    }


def requests(request: StaffRequest, patron: Patron) -> dict[str, Any]:
    page = page_asked(request, requests_of(request.actor, patron.pk), PER_PAGE)
    columns = _columns(placed=_("Placed"), pickup=_("Pickup at"))
    if can(request.actor, Privilege.REQUEST_CANCEL):
        columns["actions"] = _("Actions")
    return {"page": page, "columns": columns, "here": _here(patron, "requests", SESSION)}


def moment_seen(now: datetime) -> str:
    """``now`` as a page carries it, so that a loan renewed since is not renewed again by the same page."""
    return now.isoformat()


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
        known = held_by(actor, patron.pk, at=timezone.now(), returns_since=_kept_since(patron))
        patron._held = known  # type: ignore[attr-defined]
    return known


def _columns(**others: str) -> dict[str, str]:
    """The columns of a list of items by name, with the words above them, in order."""
    return {"title": _("Title"), "barcode": _("Barcode"), **others}


def _display(request: StaffRequest) -> str:
    return ALL if request.GET.get("display") == ALL else SESSION


def _kept_since(patron: Patron) -> datetime:
    return timezone.now() - timedelta(days=patron.institution.returns_kept_days)


def _here(patron: Patron, tab: str, display: str) -> str:
    """Where the tab is, also when it was drawn by the answer to a form."""
    record = f"{reverse('patron-record', args=[patron.pk])}?tab={tab}"
    return f"{record}&display=all" if display == ALL else record
