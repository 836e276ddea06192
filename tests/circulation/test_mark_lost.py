"""Lost and found, with the numbers of the rules (row A11; 0.25 a day, replacement 99.00, process fee 20.00)."""

from datetime import UTC, datetime, timedelta

import pytest

from amerce.charges.models import Fee
from amerce.charges.pay import pay
from amerce.charges.queries import balances
from amerce.charges.waive import waive
from amerce.circulation.errors import LoanNotFound, LoanStatusForbids
from amerce.circulation.mark_found import mark_found
from amerce.circulation.mark_lost import mark_lost
from amerce.circulation.models import Loan, LoanSpell, TermsOfUse
from amerce.circulation.return_item import return_item
from tests.circulation.lending import lend
from tests.world import Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]

DUE = datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC)
LOST_ON = datetime(2026, 2, 3, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 2, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def loan(library: Library) -> Loan:
    TermsOfUse.objects.update(replacement_minor=9900, process_fee_minor=2000, overdue_rate_minor=0)
    return lend(library, due_at=DUE)


def lose(library: Library, loan: Loan, at: datetime = LOST_ON) -> dict[str, Fee]:
    mark_lost(actor=library.operator, at=at, patron_id=library.patron.pk, loan_id=loan.pk)
    return {fee.type.code: fee for fee in Fee.objects.filter(loan=loan).select_related("type")}


def find(library: Library, loan: Loan, at: datetime = LATER) -> None:
    mark_found(actor=library.operator, at=at, patron_id=library.patron.pk, loan_id=loan.pk)


def balance(library: Library) -> int:
    return balances(library.manager, library.patron.pk).active_minor


def test_a_lost_item_costs_its_replacement_and_the_process_fee(library: Library, loan: Loan) -> None:
    fees = lose(library, loan)

    assert {code: fee.remaining_minor for code, fee in fees.items()} == {
        "LOSTITEMREPLACEMENTFEE": 9900,
        "LOSTITEMPROCESSFEE": 2000,
    }
    assert Loan.objects.get().status == "LOST"


def test_the_price_of_the_item_comes_before_the_amount_of_the_terms(library: Library, loan: Loan) -> None:
    loan.item.price_minor = 1250
    loan.item.save()

    assert lose(library, loan)["LOSTITEMREPLACEMENTFEE"].original_minor == 1250


def test_found_with_nothing_paid_leaves_the_process_fee(library: Library, loan: Loan) -> None:
    lose(library, loan)
    find(library, loan)

    assert balance(library) == 2000
    assert (Loan.objects.get().status, LoanSpell.objects.get().ended_at) == ("NORMAL", LATER)


def test_what_was_paid_comes_back_as_a_credit_and_what_was_waived_does_not(library: Library, loan: Loan) -> None:
    replacement = lose(library, loan)["LOSTITEMREPLACEMENTFEE"].pk
    pay(
        actor=library.operator,
        at=LOST_ON,
        patron_id=library.patron.pk,
        fee_ids=[replacement],
        amount_minor=2700,
        method="CASH",
    )
    waive(
        actor=library.manager,
        at=LOST_ON,
        patron_id=library.patron.pk,
        amounts_minor={replacement: 2500},
        reason="GOODWILL",
    )
    find(library, loan)

    now = balances(library.manager, library.patron.pk)
    assert now.active_minor == -700
    assert sorted(Fee.objects.exclude(remaining_minor=0).values_list("type__code", "remaining_minor")) == [
        ("CREDIT", -2700),
        ("LOSTITEMPROCESSFEE", 2000),
    ]


def test_overdue_goes_when_lost_and_is_restored_by_the_return(library: Library, loan: Loan) -> None:
    TermsOfUse.objects.update(
        overdue_rate_minor=35, grace_minutes=0, replacement_minor=5000, process_fee_minor=0, charges_closed_time=True
    )
    loan.due_at = LOST_ON - timedelta(days=2)
    loan.save()
    library.institution.overdue_at_lost_loan = True
    library.institution.save()
    lose(library, loan)
    assert balance(library) == 5070
    library.institution.overdue_at_lost_loan = False
    library.institution.save()
    find(library, loan, LOST_ON)
    lose(library, loan)
    assert balance(library) == 5000

    replacement = Fee.objects.filter(type__code="LOSTITEMREPLACEMENTFEE", remaining_minor__gt=0).get().pk
    pay(
        actor=library.operator,
        at=LOST_ON,
        patron_id=library.patron.pk,
        fee_ids=[replacement],
        amount_minor=10,
        method="CASH",
    )
    return_item(actor=library.operator, at=LATER, barcode=loan.item.barcode)

    assert balance(library) == 60


def test_found_after_the_refund_window_gives_nothing_of_what_was_paid_back(library: Library, loan: Loan) -> None:
    TermsOfUse.objects.update(refund_window_days=10)
    replacement = lose(library, loan)["LOSTITEMREPLACEMENTFEE"].pk
    pay(
        actor=library.operator,
        at=LOST_ON,
        patron_id=library.patron.pk,
        fee_ids=[replacement],
        amount_minor=2700,
        method="CASH",
    )
    find(library, loan, LOST_ON + timedelta(days=11))

    assert balance(library) == 2000


def test_lost_again_costs_the_replacement_again_and_the_process_fee_once(library: Library, loan: Loan) -> None:
    lose(library, loan)
    find(library, loan)
    lose(library, loan, LATER)

    assert balance(library) == 11900


def test_what_is_lost_is_only_found(library: Library, loan: Loan) -> None:
    lose(library, loan)

    with pytest.raises(LoanStatusForbids) as refused:
        lose(library, loan)

    assert (refused.value.action, refused.value.status) == ("mark_lost", "LOST")
    assert balance(library) == 11900


def test_a_loan_of_somebody_else_is_not_found(library: Library, loan: Loan) -> None:
    other = library.new_patron("other")

    with pytest.raises(LoanNotFound):
        mark_lost(actor=library.operator, at=LOST_ON, patron_id=other.pk, loan_id=loan.pk)

    assert Fee.objects.count() == 0


@pytest.mark.parametrize(("overdue_when_found", "minor"), [("until_lost", 105), ("until_found", 700), ("nothing", 0)])
def test_found_the_overdue_fine_is_what_the_terms_say(
    library: Library, loan: Loan, overdue_when_found: str, minor: int
) -> None:
    TermsOfUse.objects.update(
        overdue_rate_minor=35, grace_minutes=0, overdue_maximum_minor=0, overdue_when_found=overdue_when_found
    )
    library.institution.overdue_at_lost_loan = True
    library.institution.save()
    assert lose(library, loan)["OVERDUEFINE"].remaining_minor == 105

    find(library, loan)

    assert balance(library) == 2000 + minor


def test_the_kept_overdue_fine_grows_no_more_while_the_item_is_lost(library: Library, loan: Loan) -> None:
    TermsOfUse.objects.update(overdue_rate_minor=35, grace_minutes=0)
    library.institution.overdue_at_lost_loan = True
    library.institution.save()
    lose(library, loan)
    pay_all(library)

    return_item(actor=library.operator, at=LATER, barcode=loan.item.barcode)

    assert balance(library) == -9900


def test_a_process_fee_that_was_paid_stays_and_is_not_charged_again(library: Library, loan: Loan) -> None:
    lose(library, loan)
    pay_all(library)
    find(library, loan)
    lose(library, loan, LATER)

    assert balance(library) == 9900 - 9900


def pay_all(library: Library) -> None:
    pay(actor=library.operator, at=LOST_ON, patron_id=library.patron.pk, fee_ids=None, amount_minor=None, method="CASH")
