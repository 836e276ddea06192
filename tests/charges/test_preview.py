import pytest
from pytest_django import DjangoAssertNumQueries

from amerce.charges.errors import (
    AmountOutOfRange,
    CreditForbids,
    FeeNotFound,
    MoreThanOwed,
    NothingChosen,
    StatusForbids,
)
from amerce.charges.preview import plan_payment
from tests.charges.acts import Desk, shares

pytestmark = [pytest.mark.django_db, pytest.mark.money]
LOST = "LOSTITEMREPLACEMENTFEE"


@pytest.mark.parametrize("amount", [None, 1, 500, 7700])
@pytest.mark.parametrize("chosen", [False, True])
def test_the_plan_of_a_payment_is_what_the_payment_does(desk: Desk, amount: int | None, chosen: bool) -> None:
    lost, old, _ = desk.charge(9900, LOST), desk.charge(500, days_ago=3), desk.charge(200, "CREDIT")
    desk.waive(lost, amount=2500)
    fees = [lost, old] if chosen else []

    plan = plan_payment(
        desk.manager, desk.library.institution, desk.patron.pk, [fee.pk for fee in fees] or None, amount
    )
    outcome = desk.pay(*fees, amount=amount)

    planned = [(share.fee.pk, share.amount_minor, share.credit.pk if share.credit else None) for share in plan.shares]
    assert planned == shares(outcome)


def test_the_plan_refuses_what_the_payment_refuses(desk: Desk) -> None:
    fee, credit, disputed = desk.charge(100), desk.charge(30, "CREDIT"), desk.charge(50)
    desk.dispute(disputed)

    def plan(fee_ids: list[int] | None, amount: int | None = None) -> None:
        plan_payment(desk.manager, desk.library.institution, desk.patron.pk, fee_ids, amount)

    refusals = [
        ([credit.pk], None, CreditForbids),
        ([disputed.pk], None, StatusForbids),
        ([2**70], None, FeeNotFound),
        ([], None, NothingChosen),
        ([fee.pk], 101, MoreThanOwed),
        (None, 101, MoreThanOwed),
        (None, 0, AmountOutOfRange),
        ([fee.pk], -1, AmountOutOfRange),
        ([fee.pk], 2**70, AmountOutOfRange),
    ]
    for fee_ids, amount, error in refusals:
        with pytest.raises(error):
            plan(fee_ids, amount)


def test_a_plan_for_all_is_one_query_however_many_fees_and_credits(
    desk: Desk, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    desk.waive(desk.charge(9900, LOST), amount=2500)
    for amount in (500, 200, 300):
        desk.charge(amount)
    desk.charge(100, "CREDIT")
    institution = desk.library.institution

    with django_assert_num_queries(1):
        plan = plan_payment(desk.manager, institution, desk.patron.pk, None, None)

    assert (plan.money_minor, plan.credit_minor) == (8300, 2600)
