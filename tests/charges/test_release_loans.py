from datetime import timedelta

import pytest

from amerce.charges.models import Fee
from amerce.charges.release_loans import release_loans
from amerce.circulation.models import Loan
from amerce.ledger.models import Transfer
from amerce.ledger.verify import verify
from tests.charges.acts import Desk
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_a_fee_keeps_title_barcode_and_dates_when_its_loan_is_purged_and_no_money_moves(desk: Desk) -> None:
    loan, other = desk.new_loan(desk.library.new_item("Pnin", "39007")), desk.new_loan()
    due_at, returned_at = NOON + timedelta(days=1), NOON + timedelta(days=3)
    Loan.objects.filter(pk=loan.pk).update(due_at=due_at, returned_at=returned_at)
    desk.bring_to(loan, 1000)
    desk.pay()
    desk.bring_to(loan, 700)
    desk.bring_to(other, 50)
    transfers, balance = Transfer.objects.count(), desk.balance()

    assert release_loans(desk.library.institution.pk, [loan.pk]) == 2  # the fee and its credit
    loan.delete()

    for fee in Fee.objects.filter(barcode="39007"):
        assert (fee.loan, fee.title) == (None, "Pnin")
        assert (fee.loaned_at, fee.due_at, fee.returned_at) == (
            NOON,
            NOON + timedelta(days=1),
            NOON + timedelta(days=3),
        )
    kept = Fee.objects.get(loan=other)
    assert (kept.loaned_at, kept.due_at, kept.returned_at) == (None, None, None)
    assert (Transfer.objects.count(), desk.balance(), verify().findings) == (transfers, balance, [])


def test_loans_of_another_institution_are_not_released(desk: Desk, other_library: Library) -> None:
    loan = desk.new_loan()
    desk.bring_to(loan, 1000)

    assert release_loans(other_library.institution.pk, [loan.pk]) == 0
    assert Fee.objects.get().loan == loan
