"""Lending a copy (row A10)."""

from datetime import UTC, datetime, timedelta

import pytest

from amerce.access.can import NotAllowed
from amerce.charges.models import Fee
from amerce.circulation.blocks import Awaited, PatronBlocked
from amerce.circulation.checkout import checkout
from amerce.circulation.errors import ItemNotFound, ItemOnLoan
from amerce.circulation.models import BlockRule, Item, Loan, Request, TermsOfUse
from amerce.circulation.renew import renew
from amerce.circulation.return_item import return_item
from amerce.events.models import Event
from amerce.patrons.models import Note
from tests.charges.checks import nothing_written
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


@pytest.fixture
def item(library: Library) -> Item:
    return library.new_item(barcode="390070001")


def lend(library: Library, barcode: str = "390070001", **columns: object):
    return checkout(actor=library.operator, at=NOON, patron_id=library.patron.pk, barcode=barcode, **columns)


def test_it_is_due_at_the_end_of_the_day_that_the_terms_say(library: Library, item: Item) -> None:
    outcome = lend(library)

    assert outcome.due_at == datetime(2026, 3, 30, 23, 59, 59, tzinfo=UTC)
    assert outcome.terms_name == "Standard loan"
    assert Loan.objects.values_list("item", "patron", "due_at").get() == (item.pk, library.patron.pk, outcome.due_at)
    assert Event.objects.filter(name="loan.checked_out").count() == 1


def test_the_most_specific_terms_apply(library: Library, item: Item) -> None:
    TermsOfUse.objects.create(
        institution=library.institution, name="Short", item_policy="SHORT", loan_length=3, loan_unit="hour"
    )
    Item.objects.update(policy_code="SHORT")

    assert (lend(library).terms_name, Loan.objects.get().due_at) == ("Short", NOON + timedelta(hours=3))


def test_what_is_out_is_not_lent_again(library: Library, item: Item) -> None:
    lend(library)

    with pytest.raises(ItemOnLoan) as refused:
        lend(library)

    assert refused.value.with_this_patron
    assert Loan.objects.count() == 1


def test_an_unknown_barcode_lends_nothing(library: Library) -> None:
    with pytest.raises(ItemNotFound):
        lend(library, "nothing\0")

    assert Loan.objects.count() == Event.objects.filter(name="loan.checked_out").count() == 0


def test_who_owes_too_much_borrows_nothing_unless_a_manager_says_why(library: Library, item: Item) -> None:
    BlockRule.objects.create(institution=library.institution, amount_minor=1000)
    library.charge(1000)

    with pytest.raises(PatronBlocked):
        lend(library)
    with pytest.raises(NotAllowed):
        lend(library, override_reason="She pays tomorrow")
    assert Loan.objects.count() == 0

    checkout(
        actor=library.manager,
        at=NOON,
        patron_id=library.patron.pk,
        barcode=item.barcode,
        override_reason="She pays tomorrow",
    )
    assert Event.objects.get(name="loan.checked_out").data["override"]["blocks"] == ["owes_too_much"]


def test_the_patrons_own_request_is_fulfilled(library: Library, item: Item) -> None:
    Request.objects.create(
        institution=library.institution, patron=library.patron, item=item, pickup=library.library, placed_at=NOON
    )
    lend(library)

    assert (Request.objects.get().closed_at, Request.objects.get().cancelled_at) == (NOON, None)
    fulfilled = Event.objects.get(name="request.fulfilled")
    assert (fulfilled.patron_id, fulfilled.data) == (
        library.patron.pk,
        {"request": Request.objects.get().pk, "item": item.pk},
    )


def waits_for(library: Library, item: Item, primary_id: str = "first", *, days_ago: int = 3) -> Request:
    return Request.objects.create(
        institution=library.institution,
        patron=library.new_patron(primary_id, first_name="First", last_name="Waiting"),
        item=item,
        pickup=library.library,
        placed_at=NOON - timedelta(days=days_ago),
    )


def test_what_somebody_else_waits_for_first_is_not_lent(library: Library, item: Item) -> None:
    waiting = waits_for(library, item)

    with nothing_written(), pytest.raises(PatronBlocked) as untold:
        lend(library)
    with nothing_written(), pytest.raises(PatronBlocked) as told:
        checkout(actor=library.manager, at=NOON, patron_id=library.patron.pk, barcode=item.barcode)
    with nothing_written(), pytest.raises(NotAllowed):
        lend(library, override_reason="Only until tomorrow")

    assert untold.value.blocks == (Awaited(waiting.pk, ""),)
    assert told.value.blocks == (Awaited(waiting.pk, "Waiting, First"),)
    assert (Loan.objects.count(), Request.objects.get().closed_at) == (0, None)


def test_a_manager_lends_it_for_a_reason_and_who_waits_goes_on_waiting(library: Library, item: Item) -> None:
    waiting = waits_for(library, item)

    checkout(
        actor=library.manager,
        at=NOON,
        patron_id=library.patron.pk,
        barcode=item.barcode,
        override_reason="Only until tomorrow",
    )

    told = Event.objects.get(name="loan.checked_out").data
    assert (told["override"]["blocks"], told["passed_over"]) == (["awaited"], waiting.pk)
    assert Note.objects.get(pk=told["override"]["note"]).text == "Only until tomorrow"
    assert Loan.objects.get().patron_id == library.patron.pk
    assert Request.objects.get().closed_at is None


def test_who_waits_first_gets_it_and_who_waits_second_does_not(library: Library, item: Item) -> None:
    waits_for(library, item, days_ago=3)
    Request.objects.create(
        institution=library.institution, patron=library.patron, item=item, pickup=library.library, placed_at=NOON
    )

    with pytest.raises(PatronBlocked):
        lend(library)

    Request.objects.filter(patron=library.patron).update(placed_at=NOON - timedelta(days=4))
    lend(library)

    assert list(Request.objects.order_by("placed_at").values_list("closed_at", flat=True)) == [NOON, None]


def test_a_request_that_is_closed_or_elsewhere_keeps_nobody_from_borrowing(
    library: Library, other_library: Library, item: Item
) -> None:
    waiting = waits_for(library, item)
    Request.objects.filter(pk=waiting.pk).update(closed_at=NOON)
    waits_for(library, library.new_item(), "second")
    waits_for(other_library, other_library.new_item(barcode=item.barcode))

    lend(library)

    assert Loan.objects.get().patron_id == library.patron.pk


def test_a_late_return_costs_its_lateness_and_an_early_one_nothing(library: Library, item: Item) -> None:
    due_at = lend(library).due_at
    early = return_item(actor=library.operator, at=due_at - timedelta(days=1), barcode=item.barcode)
    assert (early.money.lines, Fee.objects.count()) == ((), 0)

    due_at = lend(library).due_at
    late = return_item(actor=library.operator, at=due_at + timedelta(days=3), barcode=item.barcode)

    assert late.money.balance_minor == 75
    assert Fee.objects.get().note.text == (
        "Date generated: 04/02/2026, Due: 03/30/2026, Fine Policy/ies: Standard loan: $0.25 per day, "
        "Action: Item was returned"
    )


def test_a_return_dated_back_takes_back_the_days_concerned(library: Library, item: Item) -> None:
    due_at = lend(library).due_at
    renew(
        actor=library.operator,
        at=due_at + timedelta(days=2),
        patron_id=library.patron.pk,
        loan_ids=[Loan.objects.get().pk],
    )
    assert Fee.objects.get().remaining_minor == 50
    assert Loan.objects.get().due_at == datetime(2026, 4, 29, 23, 59, 59, tzinfo=UTC)
