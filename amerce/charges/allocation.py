"""Which part of a payment goes to which fee. One plan for the preview and for the payment itself (row B5).

Why bound credits first: a waived lost item fee and its credit belong together (row B7); what is paid in money
must not settle what was waived.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from amerce.charges.errors import AmountOutOfRange, MoreThanOwed, NothingOwed
from amerce.charges.models import Fee
from amerce.charges.states import Verb, check_debt
from amerce.institutions.models import Institution
from amerce.money.allocate import allocate_in_order


@dataclass(frozen=True)
class Share:
    """A part of one fee that is settled, from a CREDIT or, without ``credit``, by money."""

    fee: Fee
    amount_minor: int
    credit: Fee | None = None


@dataclass(frozen=True)
class Plan:
    """How a payment is shared out: the shares, the money in it, and what is paid above the sum owed."""

    shares: tuple[Share, ...]
    money_minor: int
    excess_minor: int

    @property
    def credit_minor(self) -> int:
        """What is settled from credits, bound ones included."""
        return sum(share.amount_minor for share in self.shares if share.credit)


def plan_payment(
    institution: Institution,
    fees: Sequence[Fee],
    amount_minor: int | None,
    *,
    chosen_payable_minor: Callable[[Fee], int] | None,
) -> Plan:
    """The plan for the chosen ``fees``, of which ``chosen_payable_minor`` says what is open; without it for all.

    Raises ``AmountOutOfRange``, for a fee that was chosen ``CreditForbids`` and ``StatusForbids``, and what
    ``plan_all`` and ``plan_chosen`` raise.
    """
    if amount_minor is not None:
        check_amount(institution, amount_minor)
    keep_excess = institution.overpayment == Institution.Overpayment.KEEP_AS_CREDIT
    order = Institution.PayAllOrder(institution.pay_all_order)
    if chosen_payable_minor is None:
        return plan_all(fees, amount_minor, keep_excess=keep_excess, order=order)
    for fee in fees:
        check_debt(fee, Verb.PAY)
    return plan_chosen(fees, chosen_payable_minor, amount_minor, keep_excess=keep_excess, order=order)


def check_amount(institution: Institution, amount_minor: int) -> None:
    """Raise ``AmountOutOfRange`` for an amount that nobody can have meant."""
    if not 0 < amount_minor <= institution.amount_ceiling_minor:
        raise AmountOutOfRange(amount_minor, institution.amount_ceiling_minor)


def plan_all(
    active: Sequence[Fee],
    amount_minor: int | None,
    *,
    keep_excess: bool,
    order: Institution.PayAllOrder = Institution.PayAllOrder.OLDEST,
) -> Plan:
    """Settle from all ``active`` rows of a patron: credits first, then ``amount_minor`` of money, in ``order``.

    ``amount_minor`` None means everything owed; with a net of zero or less only credits are used. Raises
    ``NothingOwed`` when there is nothing to settle, ``MoreThanOwed`` for an excess that is not kept.
    """
    debts = _in_order((fee for fee in active if not fee.is_credit), order)
    credits = _oldest_first(fee for fee in active if fee.is_credit)
    left = {fee.pk: fee.remaining_minor for fee in debts}
    unused = {credit.pk: -credit.remaining_minor for credit in credits}
    shares: list[Share] = []

    def use(fee: Fee, credit: Fee) -> None:
        part = min(left[fee.pk], unused[credit.pk])
        if part:
            left[fee.pk] -= part
            unused[credit.pk] -= part
            shares.append(Share(fee, part, credit))

    by_id = {fee.pk: fee for fee in debts}
    for credit in credits:
        if credit.bound_to_id in by_id:
            use(by_id[credit.bound_to_id], credit)
    open_debts = deque(debts)
    for credit in credits:
        while credit.bound_to_id is None and unused[credit.pk] and open_debts:
            use(open_debts[0], credit)
            if left[open_debts[0].pk] == 0:
                open_debts.popleft()
    return _with_money(shares, debts, lambda fee: left[fee.pk], amount_minor, keep_excess=keep_excess)


def plan_chosen(
    debts: Sequence[Fee],
    payable_minor: Callable[[Fee], int],
    amount_minor: int | None,
    *,
    keep_excess: bool,
    order: Institution.PayAllOrder = Institution.PayAllOrder.OLDEST,
) -> Plan:
    """Settle the chosen ``debts`` by money alone, in ``order``. Raises as ``plan_all``."""
    return _with_money([], _in_order(debts, order), payable_minor, amount_minor, keep_excess=keep_excess)


def _with_money(
    shares: list[Share],
    debts: Sequence[Fee],
    open_minor: Callable[[Fee], int],
    amount_minor: int | None,
    *,
    keep_excess: bool,
) -> Plan:
    owed = [open_minor(fee) for fee in debts]
    money_minor = sum(owed) if amount_minor is None else amount_minor
    parts, excess_minor = allocate_in_order(money_minor, owed)
    if excess_minor and not keep_excess:
        raise MoreThanOwed(money_minor, sum(owed))
    shares += [Share(fee, part) for fee, part in zip(debts, parts, strict=True) if part]
    if not shares and not excess_minor:
        raise NothingOwed
    return Plan(tuple(shares), money_minor, excess_minor)


def _in_order(fees: Iterable[Fee], order: Institution.PayAllOrder) -> list[Fee]:
    """Where two are as large, the older one is first."""
    oldest_first = _oldest_first(fees)
    if order is Institution.PayAllOrder.OLDEST:
        return oldest_first
    is_largest_first = order is Institution.PayAllOrder.LARGEST
    return sorted(oldest_first, key=lambda fee: fee.remaining_minor, reverse=is_largest_first)


def _oldest_first(fees: Iterable[Fee]) -> list[Fee]:
    return sorted(fees, key=lambda fee: (fee.created_at, fee.pk))
