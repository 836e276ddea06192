"""What a payment would do, below its form and anew with every amount that is typed (row B5). Writes nothing."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.allocation import Plan
from amerce.charges.errors import FeeNotFound
from amerce.charges.models import Fee
from amerce.charges.preview import plan_payment
from amerce.charges.queries import balances, chosen_fees
from amerce.inputs.errors import Refused
from amerce.money.amount import AmountError, parse_amount
from amerce.patrons.models import Patron
from amerce.web.account_form import ids_of
from amerce.web.account_page import account_page
from amerce.web.request import StaffRequest
from amerce.web.wording import refusal_of

ALL, CHOSEN = "all", "chosen"
"""What is to be paid: the value of the radio button."""
SHOWN_ROWS = 8
MORE_ROWS = 100


@dataclass(frozen=True)
class FeeChange:
    """What the payment would make of one fee."""

    fee: Fee
    before_minor: int
    after_minor: int


@dataclass(frozen=True)
class Preview:
    """What would be done. ``changes`` are shown, partly paid fees first, ``more`` on demand, ``unlisted`` not."""

    changes: list[FeeChange]
    more: list[FeeChange]
    unlisted: int
    money_minor: int
    credit_minor: int
    excess_minor: int
    new_balance_minor: int

    @property
    def more_count(self) -> int:
        return len(self.more) + self.unlisted


@require_safe
@account_page
def payment_preview(request: StaffRequest, patron: Patron) -> HttpResponse:
    """What a payment would do, as one types it. Writes nothing."""
    require(request.actor, Privilege.FEE_PAY)
    fee_ids = ids_of(request.GET.getlist("fee"))
    of, typed = request.GET.get("of", ALL), request.GET.get("amount", "")
    balance_minor = balances(request.actor, patron.pk).active_minor
    shown = preview_or_sentence(request, patron, of, fee_ids, typed, balance_minor=balance_minor)
    return render(request, "web/payments/_preview.html", {"preview": shown, "alone": True})


def preview_or_sentence(
    request: StaffRequest, patron: Patron, of: str, fee_ids: list[int], typed: str, *, balance_minor: int
) -> Preview | str:
    institution = request.institution
    try:
        amount = None
        if typed.strip() or not takes_no_money(of, balance_minor):
            amount = parse_amount(typed, institution.currency, ceiling_minor=institution.amount_ceiling_minor)
        plan = plan_payment(request.actor, institution, patron.pk, fee_ids if of == CHOSEN else None, amount)
    except FeeNotFound:
        raise
    except (Refused, AmountError) as error:
        return refusal_of(error, institution).sentence
    return _preview(request, patron, plan, balance_minor)


def _preview(request: StaffRequest, patron: Patron, plan: Plan, balance_minor: int) -> Preview:
    before: dict[int, int] = {}
    after: dict[int, int] = {}
    for share in plan.shares:
        before[share.fee.pk] = share.fee.remaining_minor
        after[share.fee.pk] = after.get(share.fee.pk, share.fee.remaining_minor) - share.amount_minor
    partly_first = sorted(after, key=lambda fee_id: after[fee_id] == 0)
    listed = partly_first[: SHOWN_ROWS + MORE_ROWS]
    fees = {fee.pk: fee for fee in chosen_fees(request.actor, patron.pk, listed)}
    changes = [FeeChange(fees[fee_id], before[fee_id], after[fee_id]) for fee_id in listed]
    return Preview(
        changes[:SHOWN_ROWS],
        changes[SHOWN_ROWS:],
        len(after) - len(listed),
        plan.money_minor,
        plan.credit_minor,
        plan.excess_minor,
        balance_minor - plan.money_minor,
    )


def takes_no_money(of: str, balance_minor: int) -> bool:
    """Whether paying all only uses credits, so that there is no amount to type; also when that was done already."""
    return of == ALL and balance_minor <= 0
