"""Manage Item Returns: items scanned one after the other; and the return of one loan from a patron's list (row A10)."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from amerce.access.can import can, require
from amerce.access.privileges import Privilege
from amerce.circulation.errors import BackdateRefused, ItemNotFound, NotOnLoan
from amerce.circulation.models import Loan, Request
from amerce.circulation.overdue import due_moment
from amerce.circulation.queries import get_loan
from amerce.circulation.return_item import return_item
from amerce.circulation.returned import Returned, returned_since, waiting_for
from amerce.institutions.models import Institution
from amerce.money.format import format_amount
from amerce.patrons.models import Patron
from amerce.web.account_form import ids_of
from amerce.web.loan_wording import LOAN_REFUSALS, refusal_of
from amerce.web.request import StaffRequest
from amerce.web.scans import open_record_of, patron_of_card, scanned_from_anywhere
from amerce.web.service_page import service_page, way_back

_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@dataclass(frozen=True)
class Row:
    """One return of the session as it is drawn."""

    loan: Loan
    fine_minor: int
    moved: str
    waiting: Request | None
    late_by: str
    just_now: bool


@dataclass(frozen=True)
class Refused:
    barcode: str
    sentence: str
    at_date: bool = False


class DateMalformed(ValueError):
    """What was typed is no date and time."""


@require_http_methods(["GET", "HEAD", "POST"])
def returns(request: StaffRequest) -> HttpResponse:
    """GET begins a session; POST ``barcode`` takes the item back, at ``returned_at`` if given, and lists it all."""
    require(request.actor, Privilege.LOAN_RETURN)
    if request.method != "POST":
        return _page(request, _since(request.GET.get("since", "")))
    since, barcode = _since(request.POST.get("since", "")), request.POST.get("barcode", "").strip()
    if not barcode:
        return _page(request, since, refused=Refused("", _("Scan or type the barcode of the item.")))
    if scanned_from_anywhere(request) and (card := patron_of_card(request, barcode)):
        return open_record_of(request, card)
    return _take_back(request, since, barcode)


def _take_back(request: StaffRequest, since: datetime, barcode: str) -> HttpResponse:
    try:
        outcome = return_item(
            actor=request.actor, at=timezone.now(), barcode=barcode, returned_at=_returned_at(request)
        )
    except DateMalformed:
        said = Refused(barcode, _("Write the date and the time, or leave the field empty."), at_date=True)
        return _page(request, since, refused=said)
    except LOAN_REFUSALS as error:
        if isinstance(error, ItemNotFound) and (card := patron_of_card(request, barcode)):
            return open_record_of(request, card)
        sentence = _nothing_to_return(request, error) if isinstance(error, NotOnLoan) else ""
        sentence = sentence or refusal_of(error, request.institution).sentence
        return _page(request, since, refused=Refused(barcode, sentence, isinstance(error, BackdateRefused)))
    return _page(request, since, loan_id=outcome.loan_id)


def _nothing_to_return(request: StaffRequest, error: NotOnLoan) -> str:
    """Who waits for the item in the operator's hand, empty when nobody does."""
    waiting = waiting_for(request.actor, [error.item_id]).get(error.item_id)
    if waiting is None:
        return ""
    values = {"name": waiting.waiter_name, "pickup": waiting.pickup.name}
    if can(request.actor, Privilege.PATRON_FIND_BY_NAME):
        said = _("This item is not on loan. Requested: put it on the hold shelf of %(pickup)s for %(name)s.")
    else:
        said = _("This item is not on loan. Requested: put it on the hold shelf of %(pickup)s for another patron.")
    return said % values


@require_POST
@service_page
def loan_returns(request: StaffRequest, patron: Patron) -> HttpResponse:
    """POST ``only`` takes back that loan of the patron, now and at this desk."""
    require(request.actor, Privilege.LOAN_RETURN)
    loan = get_loan(request.actor, patron.pk, next(iter(ids_of([request.POST.get("only", "")])), 0))
    try:
        return_item(actor=request.actor, at=timezone.now(), barcode=loan.item.barcode, loan_id=loan.pk)
    except LOAN_REFUSALS as error:
        messages.warning(request, refusal_of(error, request.institution).sentence)
    else:
        messages.success(request, _returned_from_list(request, loan))
    return redirect(way_back(request, patron))


def _returned_from_list(request: StaffRequest, loan: Loan) -> str:
    waiting = waiting_for(request.actor, [loan.item_id]).get(loan.item_id)
    return _returned(request, loan.item.title, waiting)


def _returned(request: StaffRequest, title: str, waiting: Request | None) -> str:
    """That the copy is back, and where it goes when somebody waits for it. Names are for those with the clearance."""
    if waiting is None:
        return _("Returned: %(title)s.") % {"title": title}
    values = {"title": title, "pickup": waiting.pickup.name, "name": waiting.waiter_name}
    if can(request.actor, Privilege.PATRON_FIND_BY_NAME):
        return _("Returned: %(title)s. Requested: put it on the hold shelf of %(pickup)s for %(name)s.") % values
    return _("Returned: %(title)s. Requested: put it on the hold shelf of %(pickup)s for another patron.") % values


def late_by(loan: Loan, institution: Institution) -> str:
    """How late a loan came back: days begun, as a fine by the day counts them, or hours of what was due by the hour."""
    if loan.returned_at is None:
        return ""
    due, returned = (at.astimezone(institution.zone).replace(tzinfo=None) for at in (loan.due_at, loan.returned_at))
    late = returned - due_moment(due)
    if late <= timedelta():
        return ""
    if late >= _DAY or due_moment(due).time() == time.min:
        days = -(-late // _DAY)
        return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}
    if late >= _HOUR:
        hours = late // _HOUR
        return ngettext("%(hours)s hour", "%(hours)s hours", hours) % {"hours": hours}
    minutes = max(1, late // _MINUTE)
    return ngettext("%(minutes)s minute", "%(minutes)s minutes", minutes) % {"minutes": minutes}


def _since(typed: str) -> datetime:
    """When the session began, in milliseconds in the address; now for anything else."""
    is_ms = typed.isascii() and typed.isdigit() and len(typed) <= 14  # noqa: PLR2004 - until the year 5138
    return datetime.fromtimestamp(int(typed) / 1000, UTC) if is_ms else timezone.now()


def _returned_at(request: StaffRequest) -> datetime | None:
    typed = request.POST.get("returned_at", "").strip()
    if not typed:
        return None
    try:
        parsed = parse_datetime(typed)
    except ValueError:
        parsed = None
    if parsed is None:
        raise DateMalformed(typed)
    return parsed.replace(tzinfo=request.institution.zone)


def _page(
    request: StaffRequest, since: datetime, *, refused: Refused | None = None, loan_id: int | None = None
) -> HttpResponse:
    rows = [_row(request.institution, each, loan_id) for each in returned_since(request.actor, since)]
    context = {
        "since": int(since.timestamp() * 1000),
        "returned": rows,
        "refused": refused,
        "returned_at": request.POST.get("returned_at", ""),
        "done": next((_said(request, each) for each in rows if each.just_now), ""),
    }
    template = "web/returns/_session.html" if request.htmx else "web/returns/page.html"
    return render(request, template, context, status=422 if refused else 200)


def _row(institution: Institution, each: Returned, loan_id: int | None) -> Row:
    late = late_by(each.loan, institution)
    moved = "" if each.charged_minor == each.fine_minor else _moved(each.charged_minor, institution)
    return Row(each.loan, each.fine_minor, moved, each.waiting, late, each.loan.pk == loan_id)


def _moved(charged_minor: int, institution: Institution) -> str:
    """What the return alone changed of what is owed, where a job had charged the days before it."""
    amount = format_amount(abs(charged_minor), institution.currency, institution.locale)
    if charged_minor < 0:
        return _("%(amount)s taken back") % {"amount": amount}
    return _("%(amount)s of it now") % {"amount": amount} if charged_minor else ""


def _said(request: StaffRequest, row: Row) -> str:
    """What is said of the last return: only what the operator has to do something about."""
    institution = request.institution
    values = {
        "title": row.loan.item.title,
        "late": row.late_by,
        "fine": format_amount(row.fine_minor, institution.currency, institution.locale),
    }
    if row.waiting is None and row.fine_minor and row.late_by:
        return _("Returned: %(title)s. Late by %(late)s, charged %(fine)s.") % values
    return _returned(request, row.loan.item.title, row.waiting)
