"""Payment Details: paying all fees, the selected ones or one, and its confirmation (rows A7, B5)."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.errors import FeeNotFound, NothingChosen, NothingOwed
from amerce.charges.pay import pay
from amerce.charges.preview import owed_for_all, plan_payment
from amerce.charges.queries import balances
from amerce.inputs.errors import Refused
from amerce.institutions.models import CodeEntry
from amerce.institutions.queries import active_codes
from amerce.money.amount import AmountError, parse_amount
from amerce.money.format import format_plain
from amerce.patrons.models import Patron
from amerce.web.account_form import AccountForm, AmountField, ids_of
from amerce.web.account_page import account_page, go, show
from amerce.web.patron_context import patron_context
from amerce.web.payment_preview import ALL, CHOSEN, preview_or_sentence, takes_no_money
from amerce.web.receipt_emails import can_email
from amerce.web.receipts import read_receipt
from amerce.web.refusals import refusal
from amerce.web.request import StaffRequest
from amerce.web.wording import refusal_of

CASH = "CASH"
LISTED = 100
"""Lines on the confirmation. Of ten thousand that were paid at once it would take seconds and megabytes."""
_TITLE = gettext_lazy("Payment Details")


@dataclass(frozen=True)
class Choice:
    """One of the radio buttons: what can be paid with it."""

    value: str
    owed_minor: int
    count: int


class PaymentForm(AccountForm):
    of = forms.ChoiceField(choices=((ALL, ALL), (CHOSEN, CHOSEN)))
    method = forms.ChoiceField(
        label=gettext_lazy("Method"), error_messages={"invalid_choice": gettext_lazy("Choose a method from the list.")}
    )
    amount = AmountField(label=gettext_lazy("Payment amount"), required=False)
    external_transaction_id = forms.CharField(
        label=gettext_lazy("External transaction id"),
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, request: StaffRequest, patron: Patron, *, initial: dict[str, Any]) -> None:
        super().__init__(request, patron, initial=initial)
        methods = active_codes(request.actor.institution_id, CodeEntry.Table.PAYMENT_METHOD)
        self.fields["method"].choices = list(methods.values_list("code", "label"))  # type: ignore[attr-defined]
        self.fields["amount"].widget.attrs["autofocus"] = True
        self.fields["comment"].widget.attrs["rows"] = 1

    def clean(self) -> None:
        """What is to be paid has no field of its own to say at that it is neither all nor what is selected."""
        if self.errors.pop("of", None):
            self.add_error(None, _("Choose whether all is paid or what is selected."))


@require_http_methods(["GET", "HEAD", "POST"])
@account_page
def new(request: StaffRequest, patron: Patron) -> HttpResponse:
    """GET ``?fee=…`` for the selected fees, without for all. POST pays."""
    require(request.actor, Privilege.FEE_PAY)
    posted = request.method == "POST"
    sent = request.POST if posted else request.GET
    fee_ids = ids_of(sent.getlist("fee"))
    of = sent.get("of") or (CHOSEN if fee_ids else ALL)
    choices: dict[str, Choice] = {}
    try:
        # What can be paid is read before a payment is offered, and not before it is taken: the command reads it anyway.
        if not posted:
            choices = _choices(request, patron, of, fee_ids)
    except FeeNotFound:
        raise
    except Refused as error:
        return _nothing_to_pay(request, patron, refusal_of(error, request.institution).sentence)
    owed = choices[of].owed_minor if of in choices else 0
    standing = balances(request.actor, patron.pk)
    form = PaymentForm(
        request,
        patron,
        initial={
            "of": of,
            "amount": format_plain(owed, request.institution.currency) if owed > 0 else "",
            "seq": standing.seq,
        },
    )
    if posted:
        if answer := _paid(request, patron, form, fee_ids, standing.active_minor):
            return answer
        choices = _choices_now(request, patron, of, fee_ids)
    said = form.is_bound and form.has_error("amount")
    typed = form["amount"].value() or ""
    context = {
        "form": form,
        "choices": choices,
        "fee_ids": fee_ids,
        "of": of if of in (ALL, CHOSEN) else ALL,
        "received": request.POST.get("received", ""),
        "preview": ""
        if said
        else preview_or_sentence(request, patron, of, fee_ids, typed, balance_minor=standing.active_minor),
    }
    status = 422 if form.is_bound else 200
    return show(request, patron, "web/payments/_form.html", title=str(_TITLE), context=context, status=status)


@require_safe
@account_page
def payment(request: StaffRequest, patron: Patron, number: int) -> HttpResponse:
    """The confirmation: the new balance, what was paid of each fee, the receipt number. Reloading it pays nothing."""
    receipt = read_receipt(request, patron, number)
    if receipt is None:
        return refusal(request, _("This patron has no such receipt."), title=_("Not found"), status=404)
    context = {
        "receipt": receipt,
        "lines": receipt.lines[:LISTED],
        "unlisted": max(len(receipt.lines) - LISTED, 0),
        "can_email": can_email(request, patron),
        **_change(request, request.GET.get("received", ""), receipt.total_minor),
    }
    return render(request, "web/payments/payment.html", patron_context(request, patron, chosen="fees") | context)


def _paid(
    request: StaffRequest, patron: Patron, form: PaymentForm, fee_ids: list[int], balance_minor: int
) -> HttpResponse | None:
    if not form.is_valid():
        return None
    typed = form.cleaned_data
    if typed["amount"] is None and not takes_no_money(typed["of"], balance_minor):
        form.add_error("amount", _("Type an amount."))
        return None
    outcome = form.attempt(
        pay,
        actor=request.actor,
        at=timezone.now(),
        patron_id=patron.pk,
        fee_ids=fee_ids if typed["of"] == CHOSEN else None,
        amount_minor=typed["amount"],
        method=typed["method"],
        external_transaction_id=typed["external_transaction_id"],
        comment=typed["comment"],
        proxy_id=request.open_record.proxy_id,
    )
    if outcome is None:
        return None
    if outcome.replayed:
        messages.info(request, _("This payment was taken before. Nothing was taken twice."))
    url = reverse("payment", args=[patron.pk, outcome.payment_id])
    return go(request, url + (_received_query(request, typed["amount"] or 0) if typed["method"] == CASH else ""))


def _received_query(request: StaffRequest, amount_minor: int) -> str:
    """What was received over the counter goes on to the confirmation, which shows the change. It is written nowhere."""
    known = _change(request, request.POST.get("received", ""), amount_minor)
    if not known:
        return ""
    return "?" + urlencode({"received": format_plain(known["received_minor"], request.institution.currency)})


def _change(request: StaffRequest, received: str, amount_minor: int) -> dict[str, int]:
    """What was received and what goes back, in minor units; nothing when that cannot be said."""
    institution = request.institution
    try:
        minor = parse_amount(received, institution.currency, ceiling_minor=institution.amount_ceiling_minor)
    except AmountError:
        return {}
    if not 0 < amount_minor <= minor:
        return {}
    return {"received_minor": minor, "change_minor": minor - amount_minor}


def _choices(request: StaffRequest, patron: Patron, of: str, fee_ids: list[int]) -> dict[str, Choice]:
    """Raises what ``pay`` would raise about fees."""
    if of == CHOSEN and not fee_ids:
        raise NothingChosen
    of_chosen = {}
    if fee_ids:
        plan = plan_payment(request.actor, request.institution, patron.pk, fee_ids, None)
        of_chosen[CHOSEN] = Choice(CHOSEN, plan.money_minor, len({share.fee.pk for share in plan.shares}))
    owed_minor, count = owed_for_all(request.actor, patron.pk)
    if not count:
        raise NothingOwed
    return {ALL: Choice(ALL, owed_minor, count)} | of_chosen


def _choices_now(request: StaffRequest, patron: Patron, of: str, fee_ids: list[int]) -> dict[str, Choice]:
    """What can be paid after a refusal, which said already why nothing can be."""
    try:
        return _choices(request, patron, of, fee_ids)
    except FeeNotFound:
        raise
    except Refused:
        return {}


def _nothing_to_pay(request: StaffRequest, patron: Patron, sentence: str) -> HttpResponse:
    context = {"sentence": sentence}
    return show(request, patron, "web/account/_refused.html", title=str(_TITLE), context=context, status=422)
