"""Waiving Fine/Fee: each fee with its own amount, one reason, then a confirmation (rows B6, B7).

Why two steps: what is waived is given up for good, so the totals are read once more before it happens.
"""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.errors import ChargeError, MoreThanOwed, NothingChosen, NothingOwed, StatusForbids, TypeNotWaivable
from amerce.charges.models import LOST_REPLACEMENT_TYPE, Fee
from amerce.charges.outcome import Outcome
from amerce.charges.queries import bound_unused_minor, chosen_fees
from amerce.charges.states import ALLOWED_IN, Verb
from amerce.charges.waive import waive
from amerce.institutions.models import CodeEntry
from amerce.institutions.queries import active_codes
from amerce.money.format import format_amount, format_plain
from amerce.patrons.models import Patron
from amerce.web.account_form import AccountForm, AmountField, ids_of
from amerce.web.account_page import account_page, go, show, way_back
from amerce.web.request import StaffRequest
from amerce.web.wording import refusal_of

_TITLE = gettext_lazy("Waiving Fine/Fee")


@dataclass(frozen=True)
class Row:
    """One fee of the form. ``field`` is None for one that cannot be waived, and ``sentence`` says why."""

    fee: Fee
    open_minor: int
    field: Any
    sentence: str = ""


class WaiverForm(AccountForm):
    reason = forms.ChoiceField(
        label=gettext_lazy("Waiving reason"),
        error_messages={
            "required": gettext_lazy("Choose a reason for waiving."),
            "invalid_choice": gettext_lazy("Choose a reason for waiving."),
        },
    )

    def __init__(self, request: StaffRequest, patron: Patron, fees: list[Fee]) -> None:
        super().__init__(request, patron)
        self.fees = fees
        bound = bound_unused_minor(request.actor, patron.pk, [each.pk for each in fees])
        self.open_minor = {each.pk: each.remaining_minor - bound.get(each.pk, 0) for each in fees}
        self.refused = {each.pk: sentence for each in fees if (sentence := self._why_not(each))}
        for fee in fees:
            # A form that is sent is judged by the command alone, row by row.
            if self.is_bound or fee.pk not in self.refused:
                self._add_amount(fee)
        reasons = active_codes(request.actor.institution_id, CodeEntry.Table.WAIVE_REASON)
        self.fields["reason"].choices = [("", ""), *reasons.values_list("code", "label")]  # type: ignore[attr-defined]

    @property
    def rows(self) -> list[Row]:
        def field(fee: Fee) -> Any:
            name = self.field_of_fee(fee.pk)
            return self[name] if name in self.fields else None

        return [Row(each, self.open_minor[each.pk], field(each), self.refused.get(each.pk, "")) for each in self.fees]

    def amounts(self) -> dict[int, int | None]:
        return {each.pk: self.cleaned_data[self.field_of_fee(each.pk)] for each in self.fees}

    def field_of_fee(self, fee_id: int | None) -> str:
        return f"amount_{fee_id}" if fee_id else ""

    def clean(self) -> None:
        for fee in self.fees:
            amount = self.cleaned_data.get(self.field_of_fee(fee.pk))
            if fee.pk in self.refused:
                self.add_error(self.field_of_fee(fee.pk), self.refused[fee.pk])
            elif amount is not None and amount > self.open_minor[fee.pk]:
                too_much = MoreThanOwed(amount, self.open_minor[fee.pk])
                self.add_error(self.field_of_fee(fee.pk), refusal_of(too_much, self.request.institution).sentence)

    def _add_amount(self, fee: Fee) -> None:
        name = self.field_of_fee(fee.pk)
        field = AmountField(label=_("Fee amount"))
        field.institution = self.request.institution
        field.widget.attrs["class"] = "form-control amount-field"
        self.fields[name] = field
        self.initial[name] = format_plain(max(self.open_minor[fee.pk], 0), self.request.institution.currency)

    def _why_not(self, fee: Fee) -> str:
        why: ChargeError
        if fee.is_credit or not fee.type.is_waivable:
            why = TypeNotWaivable(fee.pk, fee.type.code)
        elif fee.status not in ALLOWED_IN[Verb.WAIVE]:
            why = StatusForbids(Verb.WAIVE, fee.pk, fee.status)
        elif self.open_minor[fee.pk] <= 0:
            why = NothingOwed()
        else:
            return ""
        return refusal_of(why, self.request.institution).sentence


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
    if not form.is_valid() and not _was_sent_before(form):
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


def _was_sent_before(form: WaiverForm) -> bool:
    """Whether only the rows are refused: after a double click the first one has waived them, and the command
    knows. Their amounts are taken as they were typed."""
    if not set(form.errors) <= {form.field_of_fee(each.pk) for each in form.fees}:
        return False
    for fee in form.fees:
        name = form.field_of_fee(fee.pk)
        if name not in form.cleaned_data:
            try:
                form.cleaned_data[name] = form.fields[name].clean(form.data.get(name))
            except forms.ValidationError:
                return False
    return True


def _form(request: StaffRequest, patron: Patron, form: WaiverForm) -> HttpResponse:
    status = 422 if form.is_bound else 200
    _focus(form)
    context = {"form": form, "next": way_back(request, patron)}
    if request.htmx and form.is_bound:
        # Asked for from the dialog or on the way to it: the form behind it shows what was refused.
        response = render(
            request, "web/waivers/_form.html", context | {"patron": patron, "title": _TITLE}, status=status
        )
        response["HX-Retarget"], response["HX-Reswap"], response["HX-Trigger"] = "#waiver", "outerHTML", "closeDialog"
        return response
    return show(request, patron, "web/waivers/_form.html", title=str(_TITLE), context=context, status=status)


def _focus(form: WaiverForm) -> None:
    """The cursor stands where there is something to do: at the reason when that alone was refused."""
    amounts = [name for each in form.fees if (name := form.field_of_fee(each.pk)) in form.fields]
    refused = [name for name in (*amounts, "reason") if name in form.errors]
    name = next(iter(refused or amounts), "reason")
    form.fields[name].widget.attrs["autofocus"] = True


def _keeps_remainder(fee: Fee) -> bool:
    return fee.type.code == LOST_REPLACEMENT_TYPE and fee.status == Fee.Status.ACTIVE


def _confirmation(request: StaffRequest, patron: Patron, form: WaiverForm) -> HttpResponse:
    amounts = form.amounts()
    reason_labels: dict[str, str] = dict(form.fields["reason"].choices)  # type: ignore[attr-defined]
    context = {
        "form": form,
        "next": way_back(request, patron),
        "waived": [(each, amounts[each.pk], form[form.field_of_fee(each.pk)]) for each in form.fees],
        "total_minor": sum(each or 0 for each in amounts.values()),
        "keeps_remainder": any(_keeps_remainder(each) for each in form.fees),
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
