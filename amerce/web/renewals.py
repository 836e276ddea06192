"""Renewing: one loan, those that are ticked, or all (row A10)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.circulation.models import Loan
from amerce.circulation.queries import loans_of
from amerce.circulation.renew import renew
from amerce.patrons.models import Patron
from amerce.web.account_form import ids_of
from amerce.web.loan_actions import may_renew
from amerce.web.loan_wording import LOAN_REFUSALS, refusal_of
from amerce.web.request import StaffRequest
from amerce.web.service_page import service_page, way_back
from amerce.web.templatetags.amerce import moment


@require_POST
@service_page
def renewals(request: StaffRequest, patron: Patron) -> HttpResponse:
    """POST ``only`` renews that loan, ``of=all`` every one whose status allows it, else those of ``loan``.

    Each by itself: one that is refused keeps no other from being renewed, and says why.
    """
    require(request.actor, Privilege.LOAN_RENEW)
    chosen = _chosen(request, patron)
    if not chosen:
        messages.warning(request, _("Nothing is selected. Tick at least one loan."))
    renewed = [loan for loan in chosen if _renew(request, patron, loan)]
    _say(request, patron, renewed)
    return redirect(way_back(request, patron))


def _chosen(request: StaffRequest, patron: Patron) -> list[Loan]:
    out = loans_of(request.actor, patron.pk)
    if "only" in request.POST:
        return list(out.filter(pk__in=ids_of([request.POST["only"]])))
    if request.POST.get("of") == "all":
        return [each for each in out if may_renew(request.actor, each)]
    return list(out.filter(pk__in=ids_of(request.POST.getlist("loan"))))


def _renew(request: StaffRequest, patron: Patron, loan: Loan) -> bool:
    try:
        renew(actor=request.actor, at=timezone.now(), patron_id=patron.pk, loan_ids=[loan.pk])
    except LOAN_REFUSALS as error:
        values = {"title": loan.item.title, "why": refusal_of(error, request.institution).sentence}
        messages.warning(request, _("Not renewed: %(title)s. %(why)s") % values)
        return False
    return True


def _say(request: StaffRequest, patron: Patron, renewed: list[Loan]) -> None:
    if len(renewed) == 1:
        loan = loans_of(request.actor, patron.pk).get(pk=renewed[0].pk)
        values = {"title": loan.item.title, "due": moment(loan.due_at, request.institution)}
        messages.success(request, _("Renewed: %(title)s. Due %(due)s.") % values)
    elif renewed:
        number = len(renewed)
        said = ngettext("%(number)s loan renewed.", "%(number)s loans renewed.", number) % {"number": number}
        messages.success(request, said)
