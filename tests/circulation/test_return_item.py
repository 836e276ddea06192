"""Taking a copy back (row A10)."""

from datetime import datetime, timedelta

import pytest

from amerce.access.can import NotAllowed
from amerce.charges.models import Fee
from amerce.charges.pay import pay
from amerce.charges.waive import waive
from amerce.circulation.errors import BackdateRefused, ItemNotFound, NotOnLoan
from amerce.circulation.models import Loan, LoanSpell, TermsOfUse
from amerce.circulation.return_item import return_item
from amerce.events.models import Event
from amerce.institutions import models as institutions
from tests.charges.acts import Desk
from tests.charges.checks import nothing_written
from tests.circulation.desk import DUE, LoanDesk
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]

LATE = DUE + timedelta(days=10)


def now(loan: Loan) -> Loan:
    return Loan.objects.get(pk=loan.pk)


def test_it_keeps_when_and_at_which_desk(desk: LoanDesk, loan: Loan) -> None:
    desk.take_back(loan, at=NOON)

    assert (now(loan).returned_at, now(loan).returned_desk_id) == (NOON, desk.library.desk.pk)
    assert Event.objects.get(name="loan.returned").patron_id == desk.library.patron.pk


def test_any_desk_takes_it_and_the_fine_belongs_to_the_library_of_the_item(desk: LoanDesk, loan: Loan) -> None:
    science = institutions.Library.objects.create(
        institution=desk.library.institution, code="SCI", name="Science Library"
    )
    loan.item.library = science
    loan.item.save()
    Loan.objects.update(library=science)

    desk.take_back(loan, at=LATE)

    assert Fee.objects.get().owner_id == science.pk


def test_a_return_dated_back_costs_what_it_would_have_cost_then(desk: LoanDesk, loan: Loan) -> None:
    desk.take_back(loan, at=LATE, returned_at=DUE + timedelta(days=4), actor=desk.library.manager)

    assert desk.fines(loan) == {"OVERDUEFINE": 100}


def test_dated_back_it_takes_back_what_was_charged_for_the_days_after(desk: LoanDesk, loan: Loan) -> None:
    desk.renew(loan, at=DUE + timedelta(days=3))
    due_again = now(loan).due_at
    desk.renew(loan, at=due_again + timedelta(days=6))
    assert desk.fines(loan) == {"OVERDUEFINE": 225}

    desk.take_back(loan, at=due_again + timedelta(days=9))

    assert desk.fines(loan) == {"OVERDUEFINE": 225}


def test_what_was_paid_above_the_new_amount_becomes_a_credit(desk: LoanDesk, loan: Loan) -> None:
    charged_nightly(desk, loan)
    pay(
        actor=desk.library.operator,
        at=LATE,
        patron_id=desk.library.patron.pk,
        fee_ids=[Fee.objects.get().pk],
        amount_minor=250,
        method="CASH",
    )

    desk.take_back(loan, at=LATE, returned_at=DUE + timedelta(days=4), actor=desk.library.manager)

    assert (desk.fines(loan), desk.balance_minor()) == ({"OVERDUEFINE": 100}, -150)


def test_what_was_waived_becomes_no_money(desk: LoanDesk, loan: Loan) -> None:
    charged_nightly(desk, loan)
    waive(
        actor=desk.library.manager,
        at=LATE,
        patron_id=desk.library.patron.pk,
        amounts_minor={Fee.objects.get().pk: None},
        reason="GOODWILL",
    )

    desk.take_back(loan, at=LATE, returned_at=DUE + timedelta(days=4), actor=desk.library.manager)

    assert desk.balance_minor() == 0


def charged_nightly(desk: LoanDesk, loan: Loan) -> None:
    from amerce.access.actors import system_actor
    from amerce.access.privileges import Privilege
    from amerce.charges.accrue import accrue
    from amerce.circulation.queries import facts_of

    accrue(
        actor=system_actor(desk.library.institution.pk, "job overdue-fines", Privilege.FEE_ACCRUE),
        at=LATE,
        patron_id=desk.library.patron.pk,
        loan_id=loan.pk,
        type_code="OVERDUEFINE",
        total_minor=250,
        item=facts_of(loan.item),
        owner_library_id=loan.library_id,
        comment="",
    )


@pytest.mark.parametrize(
    "returned_at", [NOON - timedelta(seconds=1), LATE + timedelta(seconds=1)], ids=["before the loan", "in the future"]
)
def test_a_date_that_cannot_be_is_refused(desk: LoanDesk, loan: Loan, returned_at: datetime) -> None:
    with pytest.raises(BackdateRefused) as refused, nothing_written():
        desk.take_back(loan, at=LATE, returned_at=returned_at, actor=desk.library.manager)

    assert refused.value.earliest == NOON


def test_dating_back_takes_a_privilege_of_its_own(desk: LoanDesk, loan: Loan) -> None:
    with pytest.raises(NotAllowed), nothing_written():
        desk.take_back(loan, at=LATE, returned_at=DUE)
    with pytest.raises(NotAllowed), nothing_written():
        desk.take_back(loan, at=LATE, actor=desk.library.staff("auditor"))

    assert now(loan).returned_at is None


def test_what_is_not_out_is_not_taken_back(desk: LoanDesk, loan: Loan) -> None:
    desk.take_back(loan, at=NOON)

    with pytest.raises(NotOnLoan), nothing_written():
        desk.take_back(loan, at=LATE)
    with pytest.raises(ItemNotFound), nothing_written():
        return_item(actor=desk.library.operator, at=LATE, barcode="nothing")


def test_an_item_of_another_institution_is_not_found(desk: LoanDesk, loan: Loan, other_library: Library) -> None:
    with pytest.raises(ItemNotFound), nothing_written():
        return_item(actor=other_library.operator, at=LATE, barcode=loan.item.barcode)


def test_a_lost_item_that_comes_back_was_found(desk: LoanDesk, loan: Loan) -> None:
    desk.lose(loan, at=NOON)
    assert desk.balance_minor() == 6500

    desk.take_back(loan, at=NOON + timedelta(days=1))

    assert (desk.balance_minor(), now(loan).status) == (1500, "NORMAL")


def test_a_copy_whose_lost_loan_left_the_list_gives_back_what_was_paid(desk: LoanDesk, loan: Loan) -> None:
    desk.lose(loan, at=NOON)
    pay(
        actor=desk.library.operator,
        at=NOON,
        patron_id=desk.library.patron.pk,
        fee_ids=list(Fee.objects.values_list("pk", flat=True)),
        amount_minor=6500,
        method="CASH",
    )
    Loan.objects.update(closed_at=NOON)

    desk.take_back(loan, at=NOON + timedelta(days=9))

    assert (desk.balance_minor(), now(loan).returned_at) == (-5000, NOON + timedelta(days=9))


def test_a_later_loan_of_the_copy_is_the_one_that_comes_back(desk: LoanDesk, loan: Loan) -> None:
    desk.lose(loan, at=NOON)
    Loan.objects.update(closed_at=NOON)
    other = desk.library.new_patron("other")
    later = desk.lend(loan.item, at=NOON + timedelta(days=1), patron=other)

    desk.take_back(later, at=NOON + timedelta(days=2))

    assert (now(later).returned_at is not None, now(loan).returned_at) == (True, None)
    assert desk.balance_minor() == 6500


def test_a_second_scan_after_the_copy_was_lent_again_gives_its_loser_nothing(desk: LoanDesk, loan: Loan) -> None:
    lose_and_close(desk, loan)
    later = desk.lend(loan.item, at=NOON + timedelta(days=1), patron=desk.library.new_patron("other"))
    desk.take_back(later, at=NOON + timedelta(days=2))

    with pytest.raises(NotOnLoan) as refused, nothing_written():
        desk.take_back(later, at=NOON + timedelta(days=2))

    assert (refused.value.item_id, refused.value.barcode) == (loan.item_id, loan.item.barcode)


def test_dated_back_into_the_refund_window_gives_back_what_was_paid(desk: LoanDesk, loan: Loan) -> None:
    TermsOfUse.objects.update(refund_window_days=5)
    lose_and_close(desk, loan)

    desk.take_back(loan, at=LATE, returned_at=NOON + timedelta(days=5), actor=desk.library.manager)

    assert desk.balance_minor() == -5000


def test_returned_after_the_refund_window_what_was_paid_stays(desk: LoanDesk, loan: Loan) -> None:
    TermsOfUse.objects.update(refund_window_days=5)
    lose_and_close(desk, loan)

    desk.take_back(loan, at=NOON + timedelta(days=5, seconds=1))

    assert desk.balance_minor() == 0


def test_what_was_exported_is_given_back_as_a_credit(desk: LoanDesk, loan: Loan) -> None:
    desk.lose(loan, at=NOON)
    money = Desk(desk.library)
    money.export(*Fee.objects.filter(loan=loan))

    desk.take_back(loan, at=NOON + timedelta(days=1))

    assert (desk.balance_minor(), money.newest_credit().remaining_minor) == (-5000, -5000)


def test_a_disputed_replacement_fee_is_taken_back_where_it_stands(desk: LoanDesk, loan: Loan) -> None:
    desk.lose(loan, at=NOON)
    money = Desk(desk.library)
    money.dispute(Fee.objects.get(loan=loan, type__code="LOSTITEMREPLACEMENTFEE"))

    desk.take_back(loan, at=NOON + timedelta(days=1))

    assert money.three_balances() == (1500, 0, 0)


def test_a_disputed_fine_waits_at_the_return_also(desk: LoanDesk, loan: Loan) -> None:
    charged_nightly(desk, loan)
    Desk(desk.library, at=LATE + timedelta(days=1)).dispute(Fee.objects.get())

    desk.take_back(loan, at=LATE + timedelta(days=9))

    assert desk.fines(loan) == {"OVERDUEFINE": 250}


def test_a_loan_that_was_lost_before_its_spells_were_kept_gives_back_what_was_paid(desk: LoanDesk, loan: Loan) -> None:
    lose_and_close(desk, loan)
    LoanSpell.objects.all().delete()

    desk.take_back(loan, at=NOON + timedelta(days=9))

    assert desk.balance_minor() == -5000


def test_a_loan_chosen_from_an_old_list_takes_back_nobody_elses(desk: LoanDesk, loan: Loan) -> None:
    desk.take_back(loan, at=NOON)
    since = desk.lend(loan.item, patron=desk.library.new_patron("next"))

    with nothing_written(), pytest.raises(NotOnLoan):
        desk.take_back(loan, at=NOON, loan_id=loan.pk)
    desk.take_back(since, at=NOON, loan_id=since.pk)

    assert now(since).returned_at == NOON


def lose_and_close(desk: LoanDesk, loan: Loan) -> None:
    """Lost at noon, all of it paid, and off the list."""
    desk.lose(loan, at=NOON)
    Desk(desk.library).pay()
    Loan.objects.filter(pk=loan.pk).update(closed_at=NOON)
