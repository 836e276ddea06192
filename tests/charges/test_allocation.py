from datetime import timedelta

import pytest

from amerce.charges.allocation import Plan, plan_all, plan_chosen
from amerce.charges.errors import MoreThanOwed, NothingOwed
from amerce.charges.models import Fee
from amerce.institutions.models import Institution
from tests.world import NOON

pytestmark = pytest.mark.money


def fee(pk: int, remaining: int, *, days_ago: int = 0, bound_to: int | None = None) -> Fee:
    at = NOON - timedelta(days=days_ago)
    return Fee(pk=pk, original_minor=remaining, remaining_minor=remaining, created_at=at, bound_to_id=bound_to)


def shares(plan: Plan) -> list[tuple[int, int, int | None]]:
    return [(share.fee.pk, share.amount_minor, share.credit.pk if share.credit else None) for share in plan.shares]


def remaining(each: Fee) -> int:
    return each.remaining_minor


def test_everything_is_the_sum_of_what_is_owed() -> None:
    plan = plan_all([fee(1, 300), fee(2, 450)], None, keep_excess=False)

    assert (shares(plan), plan.money_minor, plan.excess_minor) == ([(1, 300, None), (2, 450, None)], 750, 0)


def test_a_part_fills_the_oldest_first_and_then_the_lower_id() -> None:
    plan = plan_all([fee(1, 300), fee(3, 300, days_ago=2), fee(2, 300, days_ago=2)], 500, keep_excess=False)

    assert shares(plan) == [(2, 300, None), (3, 200, None)]


@pytest.mark.parametrize(
    ("order", "first"),
    [("oldest", [2, 1, 3]), ("smallest", [3, 2, 1]), ("largest", [2, 1, 3])],
)
def test_the_institution_says_which_fee_is_first(order: str, first: list[int]) -> None:
    """Of two that are as large the older is first."""
    order = Institution.PayAllOrder(order)
    fees = [fee(1, 300, days_ago=1), fee(2, 300, days_ago=2), fee(3, 100)]

    for plan in (
        plan_all(fees, 700, keep_excess=False, order=order),
        plan_chosen(fees, remaining, 700, keep_excess=False, order=order),
    ):
        assert [each for each, _amount, _credit in shares(plan)] == first


def test_bound_credits_go_to_their_own_fee_before_older_fees_see_any_credit() -> None:
    rows = [fee(1, 300, days_ago=9), fee(2, 1000), fee(3, -400, bound_to=2), fee(4, -100)]

    plan = plan_all(rows, 0, keep_excess=False)

    assert (shares(plan), plan.credit_minor) == ([(2, 400, 3), (1, 100, 4)], 500)


def test_a_credit_larger_than_all_debts_is_used_only_as_far_as_they_go() -> None:
    plan = plan_all([fee(1, 300), fee(2, -1000)], None, keep_excess=False)

    assert (shares(plan), plan.money_minor) == ([(1, 300, 2)], 0)


def test_chosen_fees_see_no_credits() -> None:
    plan = plan_chosen([fee(2, 300), fee(1, 300, days_ago=1)], remaining, 400, keep_excess=False)

    assert (shares(plan), plan.credit_minor) == ([(1, 300, None), (2, 100, None)], 0)


def test_an_excess_is_refused_or_kept() -> None:
    with pytest.raises(MoreThanOwed) as refused:
        plan_all([fee(1, 300)], 301, keep_excess=False)
    plan = plan_all([fee(1, 300)], 301, keep_excess=True)

    assert refused.value.limit_minor == 300
    assert (shares(plan), plan.excess_minor) == ([(1, 300, None)], 1)


def test_nothing_owed_is_said_and_not_planned() -> None:
    with pytest.raises(NothingOwed):
        plan_all([], None, keep_excess=True)
    with pytest.raises(NothingOwed):
        plan_chosen([fee(1, 300)], lambda each: 0, None, keep_excess=True)


def test_a_payment_in_advance_is_all_excess() -> None:
    plan = plan_all([], 500, keep_excess=True)

    assert (plan.shares, plan.money_minor, plan.excess_minor) == ((), 500, 500)


def test_a_bound_credit_whose_fee_is_not_among_them_pays_nothing() -> None:
    plan = plan_all([fee(1, 300), fee(3, -400, bound_to=2)], None, keep_excess=False)

    assert (shares(plan), plan.money_minor) == ([(1, 300, None)], 300)
