"""What a loan command locks and what it never finds."""

from datetime import timedelta

import pytest
from django.db import transaction

from amerce.circulation.errors import ItemNotFound, LoanNotFound
from amerce.circulation.locked import begin_spell, end_spell, item_of, lock_loans
from amerce.circulation.models import Loan, LoanSpell
from amerce.patrons.queries import PatronNotFound
from tests.charges.acts import Desk
from tests.circulation.desk import LoanDesk
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]

LATER = NOON + timedelta(days=3)


@pytest.fixture
def desk(library: Library) -> LoanDesk:
    return LoanDesk(library)


@pytest.fixture
def loan(desk: LoanDesk) -> Loan:
    return desk.lend(desk.library.new_item())


def locked_by(library: Library, *loans: Loan, patron_id: int | None = None):  # type: ignore[no-untyped-def]
    with transaction.atomic():
        whose = library.patron.pk if patron_id is None else patron_id
        return lock_loans(library.operator, NOON, whose, [each.pk for each in loans])


def test_it_has_every_fee_of_the_loans_with_the_credits_bound_to_them_and_no_other(
    desk: LoanDesk, library: Library, loan: Loan
) -> None:
    desk.lose(loan, at=NOON)
    desk.lose(desk.lend(library.new_item()), at=NOON)
    library.charge(100)
    money = Desk(library)
    replacement = next(iter(locked_by(library, loan).books.of_loan(loan.pk, "LOSTITEMREPLACEMENTFEE")))
    money.waive(replacement, amount=2000)

    books = locked_by(library, loan).books

    assert sorted((fee.type.code, fee.remaining_minor) for fee in books.fees.values()) == [
        ("CREDIT", -2000), ("LOSTITEMPROCESSFEE", 1500), ("LOSTITEMREPLACEMENTFEE", 5000),
    ]  # fmt: skip


def test_a_loan_that_is_back_or_of_somebody_else_is_not_found(desk: LoanDesk, library: Library, loan: Loan) -> None:
    with pytest.raises(LoanNotFound) as refused:
        locked_by(library, loan, patron_id=library.new_patron("other").pk)
    assert refused.value.loan_id == loan.pk
    desk.take_back(loan, at=NOON)
    with pytest.raises(LoanNotFound):
        locked_by(library, loan)


def test_one_unknown_loan_among_others_is_not_passed_over(desk: LoanDesk, library: Library, loan: Loan) -> None:
    with pytest.raises(LoanNotFound) as refused:
        locked_by(library, loan, Loan(pk=2**70))
    assert refused.value.loan_id == 2**70


def test_a_patron_of_another_institution_is_not_found(library: Library, other_library: Library, loan: Loan) -> None:
    with pytest.raises(PatronNotFound):
        locked_by(other_library, loan, patron_id=library.patron.pk)


def test_a_lost_loan_that_left_the_list_is_locked_but_not_out(desk: LoanDesk, library: Library, loan: Loan) -> None:
    desk.lose(loan, at=NOON)
    Loan.objects.update(closed_at=NOON)

    with pytest.raises(LoanNotFound):
        locked_by(library, loan).out(loan.pk)


def test_a_spell_never_ends_before_it_began(loan: Loan) -> None:
    assert end_spell(loan, NOON) is None
    begin_spell(loan, LoanSpell.Kind.CLAIMED, LATER)

    assert end_spell(loan, NOON) == LoanSpell.objects.get()
    assert LoanSpell.objects.values_list("began_at", "ended_at").get() == (LATER, LATER)
    assert end_spell(loan, NOON) is None


def test_a_barcode_is_looked_for_without_the_spaces_around_it(library: Library, loan: Loan) -> None:
    assert item_of(library.operator, f"  {loan.item.barcode}\n") == loan.item
    with pytest.raises(ItemNotFound):
        item_of(library.operator, loan.item.barcode[:-1])
