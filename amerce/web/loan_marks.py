"""Claimed Return, Lost and Found: what the patron says of an item, each asked once before it is done (row A11)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.circulation.claim_return import claim_return
from amerce.circulation.lost_cost import LostCost, lost_cost
from amerce.circulation.mark_found import mark_found
from amerce.circulation.mark_lost import mark_lost
from amerce.circulation.models import Loan
from amerce.money.format import format_amount
from amerce.patrons.models import Patron
from amerce.web.account_page import go
from amerce.web.loan_actions import CLAIMED_RETURN, FOUND, LOST
from amerce.web.loan_wording import LOAN_REFUSALS, refusal_of
from amerce.web.request import StaffRequest
from amerce.web.service_page import loan_page, show, way_back


@dataclass(frozen=True)
class Deed:
    """What a mark does and how it is said. ``explained`` is what the dialog says before."""

    command: Callable[..., Any]
    title: str | Promise
    done: str | Promise
    explained: str | Promise = ""


DEEDS = {
    CLAIMED_RETURN.slug: Deed(
        claim_return,
        CLAIMED_RETURN.label,
        gettext_lazy("%(title)s is marked Claimed Return."),
        gettext_lazy("The loan stays on the record. From today on no fine accrues until the item is found."),
    ),
    LOST.slug: Deed(mark_lost, LOST.label, gettext_lazy("%(title)s is marked Lost.")),
    FOUND.slug: Deed(
        mark_found,
        FOUND.label,
        gettext_lazy("%(title)s is marked Found: it is on loan as before."),
    ),
}
_FOUND_AFTER = {
    Loan.Status.LOST: gettext_lazy(
        "The replacement fee is taken back: what is open of it goes, what was paid of it becomes a credit as the "
        "terms say. The process fee stays."
    ),
    Loan.Status.CLAIMED_RETURN: gettext_lazy(
        "The loan goes on. The days since it was marked Claimed Return are never charged."
    ),
}


@dataclass(frozen=True)
class CostLine:
    label: str
    amount_minor: int
    why: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
@loan_page
def loan_mark(request: StaffRequest, patron: Patron, loan: Loan, mark: str) -> HttpResponse:
    """GET says what it will do; POST does it."""
    require(request.actor, Privilege.LOAN_MARK)
    deed = DEEDS.get(mark)
    if deed is None:
        raise Http404
    if request.method != "POST":
        return _ask(request, patron, loan, mark, deed)
    try:
        deed.command(actor=request.actor, at=timezone.now(), patron_id=patron.pk, loan_id=loan.pk)
    except LOAN_REFUSALS as error:
        sentence = refusal_of(error, request.institution).sentence
        return _ask(request, patron, loan, mark, deed, sentence=sentence)
    messages.success(request, str(deed.done) % {"title": loan.item.title})
    return go(request, way_back(request, patron))


def _ask(
    request: StaffRequest, patron: Patron, loan: Loan, mark: str, deed: Deed, *, sentence: str = ""
) -> HttpResponse:
    cost = lost_cost(request.actor, request.institution, loan, at=timezone.now()) if mark == LOST.slug else None
    lines = _cost_lines(request, cost) if cost else []
    context = {
        "loan": loan,
        "action": reverse("loan-mark", args=[patron.pk, loan.pk, mark]),
        "said": _said(request, loan, mark, deed, cost),
        "cost": lines,
        "total_minor": sum(each.amount_minor for each in lines),
        "sentence": sentence,
        "is_grave": mark == LOST.slug,
        "button": deed.title,
    }
    status = 422 if sentence else 200
    return show(request, patron, "web/loan_marks/_form.html", title=str(deed.title), context=context, status=status)


def _said(request: StaffRequest, loan: Loan, mark: str, deed: Deed, cost: LostCost | None) -> list[str]:
    if mark == FOUND.slug:
        after = _FOUND_AFTER.get(Loan.Status(loan.status))
        return [str(after)] if after else []
    if cost is None:
        return [str(deed.explained)] if deed.explained else []
    said = [_("The loan stays on the record as Lost until the item is found or comes back.")]
    if cost.overdue_minor:
        sentence = (
            _("The overdue fine stays at %(amount)s and grows no more.")
            if cost.keeps_overdue
            else _("The overdue fine of %(amount)s goes while the item is lost.")
        )
        said.append(sentence % {"amount": _money(request, cost.overdue_minor)})
    return said


def _cost_lines(request: StaffRequest, cost: LostCost) -> list[CostLine]:
    price = _("the price of the item") if cost.is_item_price else _("the amount of the terms")
    return [
        CostLine(cost.replacement_label, cost.replacement_minor, price if cost.replacement_minor else ""),
        CostLine(cost.process_label, cost.process_minor, _("charged before") if cost.process_charged_before else ""),
    ]


def _money(request: StaffRequest, minor: int) -> str:
    return format_amount(minor, request.institution.currency, request.institution.locale)
