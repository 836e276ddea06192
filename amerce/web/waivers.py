"""Waiving Fine/Fee: each fee with its own amount, one reason, then a confirmation (rows B6, B7).

Why two steps: what is waived is given up for good, so the totals are read once more before it happens.
"""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.errors import NothingChosen
from amerce.charges.outcome import Outcome
from amerce.charges.queries import chosen_fees
from amerce.charges.waive import keeps_remainder, waive
from amerce.money.format import format_amount
from amerce.patrons.models import Patron
from amerce.web.account_form import ids_of
from amerce.web.account_page import account_page, go, show, way_back
from amerce.web.request import StaffRequest
from amerce.web.waiver_form import WaiverForm
from amerce.web.wording import refusal_of

_TITLE = gettext_lazy("Waiving Fine/Fee")


@require_http_methods(["GET", "HEAD", "POST"])
@account_page
def waiver(request: StaffRequest, patron: Patron) -> HttpResponse:
    """GET ``?fee=…`` lists the fees; POST asks to confirm; POST with ``confirm`` waives."""
    require(request.actor, Privilege.FEE_WAIVE)
    fee_ids = ids_of((request.POST if request.method == "POST" else request.GET).getlist("fee"))
    if not fee_ids:
        sentence = refusal_of(NothingChosen(), request.institution).sentence
        return show(
            request, patron, "web/account/_refused.html", title=str(_TITLE), context={"sentence": sentence}, status=422
        )
    form = WaiverForm(request, patron, chosen_fees(request.actor, patron.pk, fee_ids))
    if not form.is_bound:
        return _form(request, patron, form)
    if "confirm" in request.POST:
        outcome = _waived(request, patron, form)
        if outcome:
            return _done(request, patron, outcome)
    elif form.is_valid():
        return _confirmation(request, patron, form)
    return _form(request, patron, form)


def _waived(request: StaffRequest, patron: Patron, form: WaiverForm) -> Outcome | None:
    if not form.is_valid() and not form.was_sent_before():
        return None
    return form.attempt(
        waive,
        actor=request.actor,
        at=timezone.now(),
        patron_id=patron.pk,
        amounts_minor=form.amounts(),
        reason=form.cleaned_data["reason"],
        comment=form.cleaned_data["comment"],
    )


def _form(request: StaffRequest, patron: Patron, form: WaiverForm) -> HttpResponse:
    status = 422 if form.is_bound else 200
    form.focus()
    context = {
        "form": form,
        "next": way_back(request, patron),
        "keeps_remainder": any(keeps_remainder(each) for each in form.fees),
    }
    if request.htmx and form.is_bound:
        # Asked for from the dialog or on the way to it: the form behind it shows what was refused.
        response = render(
            request, "web/waivers/_form.html", context | {"patron": patron, "title": _TITLE}, status=status
        )
        response["HX-Retarget"], response["HX-Reswap"], response["HX-Trigger"] = "#waiver", "outerHTML", "closeDialog"
        return response
    return show(request, patron, "web/waivers/_form.html", title=str(_TITLE), context=context, status=status)


def _confirmation(request: StaffRequest, patron: Patron, form: WaiverForm) -> HttpResponse:
    amounts = form.amounts()
    reason_labels: dict[str, str] = dict(form.fields["reason"].choices)  # type: ignore[attr-defined]
    context = {
        "form": form,
        "next": way_back(request, patron),
        "waived": [(each, amounts[each.pk], form[form.field_of_fee(each.pk)]) for each in form.fees],
        "total_minor": sum(each or 0 for each in amounts.values()),
        "keeps_remainder": any(keeps_remainder(each) for each in form.fees),
        "reason": reason_labels[form.cleaned_data["reason"]],
    }
    return show(request, patron, "web/waivers/_confirm.html", title=_("Confirm waiving"), context=context)


def _done(request: StaffRequest, patron: Patron, outcome: Outcome) -> HttpResponse:
    institution = request.institution
    values = {
        "amount": format_amount(outcome.amount_minor, institution.currency, institution.locale),
        "balance": format_amount(outcome.balance_minor, institution.currency, institution.locale),
    }
    if outcome.replayed:
        messages.info(request, _("%(amount)s was waived before. Nothing was waived twice.") % values)
    else:
        messages.success(request, _("Waived %(amount)s. The active balance is now %(balance)s.") % values)
    return go(request, way_back(request, patron))
