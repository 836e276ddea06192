import pytest

from amerce.charges.charged import charges_of_loans
from amerce.charges.models import Fee
from tests.charges.acts import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.money]

TYPES = ("OVERDUEFINE", "LOSTITEMREPLACEMENTFEE")


def test_it_counts_what_was_charged_less_what_was_taken_back_whatever_was_paid_or_exported(desk: Desk) -> None:
    loan, other = desk.new_loan(), desk.new_loan()
    desk.bring_to(loan, 1000)
    desk.pay(amount=300)
    desk.bring_to(loan, 700)
    desk.export(Fee.objects.get())
    desk.bring_to(loan, 900)
    desk.bring_to(loan, 9900, "LOSTITEMREPLACEMENTFEE")
    desk.bring_to(other, 50)

    charged = charges_of_loans(desk.library.institution.pk, [loan.pk], TYPES)

    exported, grown, lost = Fee.objects.filter(loan=loan).order_by("pk")
    assert (charged[loan.pk, "OVERDUEFINE"].minor, charged[loan.pk, "OVERDUEFINE"].fee_ids) == (
        900,
        (exported.pk, grown.pk),
    )
    assert charged[loan.pk, "LOSTITEMREPLACEMENTFEE"].fee_ids == (lost.pk,)
    assert (other.pk, "OVERDUEFINE") not in charged


def test_the_credit_that_was_given_back_does_not_count(desk: Desk) -> None:
    loan = desk.new_loan()
    desk.bring_to(loan, 1000)
    desk.pay()
    desk.bring_to(loan, 700)

    charged = charges_of_loans(desk.library.institution.pk, [loan.pk], [*TYPES, "CREDIT"])

    assert charged[loan.pk, "OVERDUEFINE"].minor == 700
    assert charged[loan.pk, "LOSTITEMREPLACEMENTFEE"].minor == 0


def test_it_says_which_wait_because_they_are_disputed_and_asks_once(
    desk: Desk, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    loan, other = desk.new_loan(), desk.new_loan()
    desk.bring_to(loan, 1000)
    desk.dispute(Fee.objects.get())
    desk.bring_to(other, 1000)

    with django_assert_num_queries(1):  # type: ignore[operator]
        charged = charges_of_loans(desk.library.institution.pk, [loan.pk, other.pk], TYPES)

    assert [charged[each.pk, "OVERDUEFINE"].is_disputed for each in (loan, other)] == [True, False]
