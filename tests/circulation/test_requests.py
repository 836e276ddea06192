"""Placing and cancelling requests, and the recall that follows (row A12)."""

from datetime import UTC, datetime, timedelta

import pytest

from amerce.access.can import NotAllowed
from amerce.circulation.blocks import PatronBlocked
from amerce.circulation.cancel_request import cancel_request
from amerce.circulation.errors import AlreadyRequested, ItemNotFound, ItemOnLoan, PickupUnknown, RequestNotFound
from amerce.circulation.models import BlockRule, Item, Loan, Request, TermsOfUse
from amerce.circulation.place_request import place_request
from amerce.events.models import Event
from amerce.patrons.models import Note, Patron
from tests.charges.checks import nothing_written
from tests.circulation.desk import LoanDesk
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


@pytest.fixture
def desk(library: Library) -> LoanDesk:
    return LoanDesk(library)


@pytest.fixture
def item(library: Library) -> Item:
    return library.new_item()


def ask(library: Library, item: Item, patron: Patron | None = None, **columns: object) -> Request:
    given = {"actor": library.operator, "barcode": item.barcode, "pickup_library_id": library.library.pk, **columns}
    return place_request(at=NOON, patron_id=(patron or library.patron).pk, **given)


def cancel(library: Library, request: Request, **columns: object) -> Request:
    given = {"actor": library.operator, "patron_id": library.patron.pk, **columns}
    return cancel_request(at=NOON, request_id=request.pk, **given)


def test_the_patron_waits_for_the_item(library: Library, item: Item) -> None:
    request = ask(library, item)

    assert Request.objects.values_list("pk", "item", "patron", "placed_at", "closed_at").get() == (
        request.pk, item.pk, library.patron.pk, NOON, None,
    )  # fmt: skip
    assert Event.objects.get(name="request.placed").data["request"] == request.pk


def test_a_copy_that_is_out_is_recalled(desk: LoanDesk, library: Library, item: Item) -> None:
    loan = desk.lend(item, patron=library.new_patron("other"))
    ask(library, item)

    recalled = Loan.objects.get(pk=loan.pk)
    assert (recalled.status, recalled.recalled_at) == ("RECALL", NOON)
    assert recalled.due_at == datetime(2026, 3, 9, 23, 59, 59, tzinfo=UTC)
    assert Event.objects.get(name="loan.recalled").patron_id == loan.patron_id


def test_a_recall_makes_no_loan_longer(desk: LoanDesk, library: Library, item: Item) -> None:
    loan = desk.lend(item, patron=library.new_patron("other"), at=NOON - timedelta(days=25))
    ask(library, item)

    assert Loan.objects.get().due_at == loan.due_at


def test_terms_without_a_recall_leave_the_loan_alone(desk: LoanDesk, library: Library, item: Item) -> None:
    TermsOfUse.objects.update(recall_length=0)
    loan = desk.lend(item, patron=library.new_patron("other"))
    ask(library, item)

    assert Loan.objects.values_list("status", "due_at").get() == ("NORMAL", loan.due_at)


def test_what_was_recalled_costs_the_recall_rate_in_place_of_the_other(
    desk: LoanDesk, library: Library, item: Item
) -> None:
    loan = desk.lend(item, patron=library.new_patron("other"))
    ask(library, item)
    desk.take_back(loan, at=datetime(2026, 3, 12, 23, 59, 59, tzinfo=UTC))

    assert desk.fines(loan) == {"RECALLEDOVERDUEFINE": 300}


def test_nobody_waits_twice_or_for_what_they_have(desk: LoanDesk, library: Library, item: Item) -> None:
    ask(library, item)
    with pytest.raises(AlreadyRequested), nothing_written():
        ask(library, item)

    other = library.new_item()
    desk.lend(other)
    with pytest.raises(ItemOnLoan) as refused, nothing_written():
        ask(library, other)
    assert refused.value.with_this_patron


def test_an_unknown_item_or_library_is_refused(library: Library, other_library: Library, item: Item) -> None:
    with pytest.raises(ItemNotFound), nothing_written():
        ask(library, item, barcode="nothing")
    with pytest.raises(PickupUnknown), nothing_written():
        ask(library, item, pickup_library_id=other_library.library.pk)

    assert Request.objects.count() == 0


def test_who_is_blocked_requests_nothing(library: Library, item: Item) -> None:
    BlockRule.objects.create(institution=library.institution, amount_minor=1000)
    library.charge(1000)

    with pytest.raises(PatronBlocked), nothing_written():
        ask(library, item)


def test_cancelled_it_says_whether_to_notify_and_with_what_words(library: Library, item: Item) -> None:
    cancel(library, ask(library, item), note="Damaged by water")

    assert Request.objects.values_list("closed_at", "cancelled_at").get() == (NOON, NOON)
    data = Event.objects.get(name="request.cancelled").data
    assert (data["notify"], Note.objects.get(pk=data["note"]).text) == (True, "Damaged by water")


def test_without_notice_the_event_says_so(library: Library, item: Item) -> None:
    cancel(library, ask(library, item), notify=False)

    data = Event.objects.get(name="request.cancelled").data
    assert (data["notify"], data["note"]) == (False, None)


def test_it_is_cancelled_once_and_by_whose_record_it_is_on(library: Library, item: Item) -> None:
    request = ask(library, item)
    with pytest.raises(RequestNotFound), nothing_written():
        cancel(library, request, patron_id=library.new_patron("other").pk)
    cancel(library, request)
    with pytest.raises(RequestNotFound), nothing_written():
        cancel(library, request)


def test_both_take_a_privilege(library: Library, item: Item) -> None:
    auditor = library.staff("auditor")
    with pytest.raises(NotAllowed), nothing_written():
        ask(library, item, actor=auditor)
    request = ask(library, item)
    with pytest.raises(NotAllowed), nothing_written():
        cancel(library, request, actor=auditor)
