"""Renewing: one loan, those that are ticked, or all (row A10); of a blocked patron with a reason (row C7)."""

from dataclasses import dataclass, field
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from amerce.access.can import can, require
from amerce.access.privileges import Privilege
from amerce.circulation.blocks import PatronBlocked
from amerce.circulation.errors import RenewedMeanwhile
from amerce.circulation.models import Loan
from amerce.circulation.queries import loans_of
from amerce.circulation.renew import renew
from amerce.patrons.models import Patron
from amerce.web.account_form import ids_of
from amerce.web.loan_actions import may_renew
from amerce.web.loan_wording import LOAN_REFUSALS, refusal_of
from amerce.web.request import StaffRequest
from amerce.web.service_page import service_page, show, way_back
from amerce.web.templatetags.amerce import moment


@dataclass
class Done:
    """What came of it, loan by loan. ``block`` stands for all of ``blocked``: it is the patron's."""

    renewed: list[Loan] = field(default_factory=list)
    before: list[Loan] = field(default_factory=list)
    blocked: list[Loan] = field(default_factory=list)
    block: PatronBlocked | None = None


@require_POST
@service_page
def renewals(request: StaffRequest, patron: Patron) -> HttpResponse:
    """POST ``only`` renews that loan, ``of=all`` every one whose status allows it, else those of ``loan``.

    Each by itself: one that is refused keeps no other from being renewed, and says why. ``seen`` is when the page was
    made, so that the same form sent twice renews once. ``override_reason`` says why in spite of a block.
    """
    require(request.actor, Privilege.LOAN_RENEW)
    chosen = _chosen(request, patron)
    if not chosen:
        messages.warning(request, _("Nothing is selected. Tick at least one loan."))
    done = Done()
    for loan in chosen:
        _renew(request, patron, loan, done)
    _say(request, patron, done)
    if done.block and can(request.actor, Privilege.BLOCK_OVERRIDE):
        return _ask_why(request, patron, done)
    if done.block:
        messages.warning(request, refusal_of(done.block, request.institution).sentence)
    return redirect(way_back(request, patron))


def _chosen(request: StaffRequest, patron: Patron) -> list[Loan]:
    out = loans_of(request.actor, patron.pk)
    if "only" in request.POST:
        return list(out.filter(pk__in=ids_of([request.POST["only"]])))
    if request.POST.get("of") == "all":
        return [each for each in out if may_renew(request.actor, each)]
    return list(out.filter(pk__in=ids_of(request.POST.getlist("loan"))))


def _renew(request: StaffRequest, patron: Patron, loan: Loan, done: Done) -> None:
    try:
        renew(
            actor=request.actor,
            at=timezone.now(),
            patron_id=patron.pk,
            loan_ids=[loan.pk],
            override_reason=request.POST.get("override_reason", "").strip(),
            seen_at=_seen(request),
            proxy_id=request.open_record.proxy_id,
        )
    except PatronBlocked as error:
        done.blocked.append(loan)
        done.block = error
    except RenewedMeanwhile:
        done.before.append(loan)
    except LOAN_REFUSALS as error:
        values = {"title": loan.item.title, "why": refusal_of(error, request.institution).sentence}
        messages.warning(request, _("Not renewed: %(title)s. %(why)s") % values)
    else:
        done.renewed.append(loan)


def _seen(request: StaffRequest) -> datetime | None:
    """When the page was made; None for one that does not say, which is then believed to be new."""
    try:
        seen = parse_datetime(request.POST.get("seen", ""))
    except ValueError:
        return None
    return seen if seen and seen.tzinfo else None


def _say(request: StaffRequest, patron: Patron, done: Done) -> None:
    if len(done.renewed) == 1:
        messages.success(request, _("Renewed: %(title)s. Due %(due)s.") % _named(request, patron, done.renewed[0]))
    elif done.renewed:
        number = len(done.renewed)
        said = ngettext("%(number)s loan renewed.", "%(number)s loans renewed.", number) % {"number": number}
        messages.success(request, said)
    for loan in done.before:
        said = _("%(title)s was renewed before, due %(due)s. Nothing was renewed twice.")
        messages.info(request, said % _named(request, patron, loan))


def _named(request: StaffRequest, patron: Patron, loan: Loan) -> dict[str, str]:
    now = loans_of(request.actor, patron.pk).get(pk=loan.pk)
    return {"title": now.item.title, "due": moment(now.due_at, request.institution)}


def _ask_why(request: StaffRequest, patron: Patron, done: Done) -> HttpResponse:
    assert done.block is not None, "there is a block to override"
    context = {
        "blocked": done.blocked,
        "sentence": refusal_of(done.block, request.institution).sentence,
        "seen": request.POST.get("seen", ""),
    }
    return show(request, patron, "web/loans/_override.html", title=_("Renew"), context=context, status=422)
