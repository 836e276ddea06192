"""A lost loan leaves the list when all the loss cost is settled, and comes back when it is owed again (row A11)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from amerce.access.actors import Actor, system_actor
from amerce.access.can import NotAllowed
from amerce.access.privileges import Privilege
from amerce.charges.models import LOST_PROCESS_TYPE, LOST_REPLACEMENT_TYPE, Fee
from amerce.circulation.close_paid_lost_loan import close_paid_lost_loan
from amerce.circulation.mark_lost import mark_lost
from amerce.circulation.models import Loan, TermsOfUse
from amerce.circulation.queries import loans_of
from amerce.circulation.reopen_lost_loan import reopen_lost_loan
from amerce.events.models import Event, EventDelivery
from tests.charges.acts import Desk, now
from tests.charges.checks import assert_books_agree
from tests.circulation.lending import lend
from tests.world import NOON, Library

pytestmark = pytest.mark.money


@pytest.fixture
def desk(flushable: None, library: Library) -> Iterator[Desk]:
    """A desk whose commands commit for real; its books agree when the test is over."""
    yield Desk(library)
    assert_books_agree()


@pytest.fixture
def lost(desk: Desk) -> Loan:
    """A lost loan that cost 99.00 and 20.00."""
    loan = lend(desk.library, status=Loan.Status.LOST, due_at=NOON - timedelta(days=40))
    desk.accrue(loan, 9900, LOST_REPLACEMENT_TYPE)
    desk.accrue(loan, 2000, LOST_PROCESS_TYPE)
    return loan


def fee(loan: Loan, type_code: str = LOST_REPLACEMENT_TYPE) -> Fee:
    return Fee.objects.get(loan=loan, type__code=type_code)


def is_on_the_list(desk: Desk, loan: Loan) -> bool:
    return loan in loans_of(desk.manager, desk.patron.pk)


def names() -> list[str]:
    """The events of loans, oldest first."""
    return list(Event.objects.filter(name__startswith="loan.").order_by("pk").values_list("name", flat=True))


def system(library: Library, *privileges: Privilege) -> Actor:
    return system_actor(library.institution.pk, "tests", *privileges)


def test_paying_all_closes_it_and_the_event_says_who(desk: Desk, lost: Loan) -> None:
    desk.pay(fee(lost))
    assert is_on_the_list(desk, lost)

    desk.pay(fee(lost, LOST_PROCESS_TYPE))

    assert not is_on_the_list(desk, lost)
    lost.refresh_from_db()
    assert (lost.closed_at, lost.status, lost.returned_at) == (NOON, "LOST", None)
    event = Event.objects.get(name="loan.closed")
    assert (event.actor_name, event.patron_id, event.data) == (
        "close_paid_lost_loan",
        desk.patron.pk,
        {"loan": lost.pk},
    )


def test_from_lost_to_paid_to_taken_back_and_paid_again(desk: Desk) -> None:
    # given
    TermsOfUse.objects.filter(institution=desk.library.institution).update(
        replacement_minor=9900, process_fee_minor=2000
    )
    loan = lend(desk.library)
    mark_lost(actor=desk.manager, at=NOON, patron_id=desk.patron.pk, loan_id=loan.pk)
    assert (desk.balance(), is_on_the_list(desk, loan)) == (11900, True)

    # when
    paid = desk.pay()

    # then
    assert (desk.balance(), is_on_the_list(desk, loan)) == (0, False)

    # when
    desk.correct_all_of(paid)

    # then
    assert (desk.balance(), is_on_the_list(desk, loan)) == (11900, True)
    assert names() == ["loan.lost", "loan.closed", "loan.reopened"]


def test_waiving_all_closes_it_although_the_waived_fee_keeps_its_remainder(desk: Desk, lost: Loan) -> None:
    desk.waive(fee(lost), fee(lost, LOST_PROCESS_TYPE))

    assert now(fee(lost)).remaining_minor == 9900
    assert not is_on_the_list(desk, lost)


def test_paying_a_part_and_waiving_the_rest_closes_it(desk: Desk, lost: Loan) -> None:
    desk.pay(fee(lost), amount=2700)
    desk.waive(fee(lost), amount=7199)
    desk.pay(fee(lost, LOST_PROCESS_TYPE))
    assert is_on_the_list(desk, lost)

    desk.pay(fee(lost))

    assert not is_on_the_list(desk, lost)


@pytest.mark.parametrize("awaits_payment", [True, False])
def test_exporting_closes_it(desk: Desk, lost: Loan, awaits_payment: bool) -> None:
    desk.export(fee(lost), awaits_payment=awaits_payment)
    assert is_on_the_list(desk, lost)

    desk.export(fee(lost, LOST_PROCESS_TYPE), awaits_payment=awaits_payment)

    assert not is_on_the_list(desk, lost)


def test_while_a_charge_is_disputed_it_stays(desk: Desk, lost: Loan) -> None:
    desk.dispute(fee(lost))

    desk.pay()

    assert is_on_the_list(desk, lost)


def test_another_fee_of_the_same_loan_may_stay_open(desk: Desk, lost: Loan) -> None:
    desk.accrue(lost, 75)

    desk.pay(fee(lost), fee(lost, LOST_PROCESS_TYPE))

    assert not is_on_the_list(desk, lost)
    assert desk.balance() == 75


def test_with_the_setting_off_it_stays(desk: Desk, lost: Loan) -> None:
    desk.library.institution.close_paid_lost_loan = False
    desk.library.institution.save()

    desk.pay()

    assert desk.balance() == 0
    assert is_on_the_list(desk, lost)
    assert names() == []


def test_a_charge_that_was_a_mistake_does_not_close_it(desk: Desk, lost: Loan) -> None:
    desk.correct(*(fee(lost, each).transfers.get() for each in (LOST_REPLACEMENT_TYPE, LOST_PROCESS_TYPE)))

    assert desk.balance() == 0
    assert is_on_the_list(desk, lost)


def test_correcting_the_payment_puts_it_back_and_paying_again_closes_it_again(desk: Desk, lost: Loan) -> None:
    paid = desk.pay()

    desk.correct_all_of(paid)
    assert is_on_the_list(desk, lost)

    desk.pay()
    assert not is_on_the_list(desk, lost)
    assert names() == ["loan.closed", "loan.reopened", "loan.closed"]


def test_correcting_the_payment_leaves_a_later_loan_of_the_copy_alone(desk: Desk, lost: Loan) -> None:
    paid = desk.pay()
    other = desk.library.new_patron("asmith")
    later = lend(desk.library, patron=other, item=lost.item, loaned_at=NOON, due_at=NOON + timedelta(days=28))
    before = Loan.objects.filter(pk=later.pk).values().get()

    desk.correct_all_of(paid)

    assert not is_on_the_list(desk, lost)
    assert desk.balance() == 11900
    assert Loan.objects.filter(pk=later.pk).values().get() == before
    assert not EventDelivery.objects.filter(done_at=None).exists()


def test_a_payment_stands_when_closing_fails(desk: Desk, lost: Loan, settings) -> None:  # type: ignore[no-untyped-def]
    # given
    settings.AMERCE_HANDLERS = "tests.events.handling.HANDLERS_WITHOUT_LUCK"

    # when
    desk.pay()

    # then
    assert desk.balance() == 0
    assert is_on_the_list(desk, lost)
    assert EventDelivery.objects.get().attempts == 1


def test_a_payment_of_anything_else_costs_no_statement_more(desk: Desk, lost: Loan, settings) -> None:  # type: ignore[no-untyped-def]
    counts = []
    for wired in ("tests.events.handling.NO_HANDLERS", "amerce.config.wiring.HANDLERS"):
        settings.AMERCE_HANDLERS = wired
        loan = lend(desk.library)
        desk.accrue(loan, 75)
        with CaptureQueriesContext(connection) as queries:
            desk.pay(fee(loan, "OVERDUEFINE"))
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert not EventDelivery.objects.exists()


def test_a_loan_that_came_back_is_neither_closed_nor_opened(desk: Desk, lost: Loan) -> None:
    Loan.objects.filter(pk=lost.pk).update(returned_at=NOON)

    desk.correct_all_of(desk.pay())

    assert names() == []


def test_a_loan_that_never_cost_anything_stays(desk: Desk) -> None:
    loan = lend(desk.library, status=Loan.Status.LOST)

    with transaction.atomic():
        assert not close_paid_lost_loan(actor=system(desk.library, Privilege.LOAN_MARK), at=NOON, loan_id=loan.pk)

    assert is_on_the_list(desk, loan)


@pytest.mark.parametrize("command", [close_paid_lost_loan, reopen_lost_loan])
def test_the_commands_need_the_privilege_and_stay_at_home(desk: Desk, lost: Loan, command) -> None:  # type: ignore[no-untyped-def]
    elsewhere = Library.new("ELSE")

    with pytest.raises(NotAllowed):
        command(actor=system(desk.library), at=NOON, loan_id=lost.pk)
    assert not command(actor=system(elsewhere, Privilege.LOAN_MARK), at=NOON, loan_id=lost.pk)
    assert not command(actor=system(desk.library, Privilege.LOAN_MARK), at=NOON, loan_id=2**40)
