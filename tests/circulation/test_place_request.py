"""Placing a request (row A12)."""

import pytest

from amerce.access.can import NotAllowed
from amerce.circulation.blocks import PatronBlocked
from amerce.circulation.errors import AlreadyRequested, ItemNotFound, ItemOnLoan, PickupUnknown
from amerce.circulation.models import BlockRule, Item, Request
from amerce.circulation.place_request import place_request
from amerce.events.models import Event
from tests.charges.checks import nothing_written
from tests.circulation.desk import LoanDesk
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


@pytest.fixture
def item(library: Library) -> Item:
    return library.new_item()


def test_the_patron_waits_for_the_item(desk: LoanDesk, library: Library, item: Item) -> None:
    request = desk.request(item)

    assert Request.objects.values_list("pk", "item", "patron", "placed_at", "closed_at").get() == (
        request.pk, item.pk, library.patron.pk, NOON, None,
    )  # fmt: skip
    assert Event.objects.get(name="request.placed").data["request"] == request.pk


def test_it_says_the_place_in_the_queue(desk: LoanDesk, library: Library, item: Item) -> None:
    desk.request(item)
    second = place_request(
        actor=library.operator,
        at=NOON,
        patron_id=library.new_patron("other").pk,
        barcode=item.barcode,
        pickup_library_id=library.library.pk,
    )

    assert (second.place, second.recalled_due_at) == (2, None)


def test_nobody_waits_twice_or_for_what_they_have(desk: LoanDesk, library: Library, item: Item) -> None:
    desk.request(item)
    with pytest.raises(AlreadyRequested), nothing_written():
        desk.request(item)

    other = library.new_item()
    desk.lend(other)
    with pytest.raises(ItemOnLoan) as refused, nothing_written():
        desk.request(other)
    assert refused.value.with_this_patron


def test_an_unknown_item_or_library_is_refused(
    desk: LoanDesk, library: Library, other_library: Library, item: Item
) -> None:
    with pytest.raises(ItemNotFound), nothing_written():
        desk.request(item, barcode="nothing")
    with pytest.raises(PickupUnknown), nothing_written():
        desk.request(item, pickup_library_id=other_library.library.pk)

    assert Request.objects.count() == 0


def test_who_is_blocked_requests_nothing(desk: LoanDesk, library: Library, item: Item) -> None:
    BlockRule.objects.create(institution=library.institution, amount_minor=1000)
    library.charge(1000)

    with pytest.raises(PatronBlocked), nothing_written():
        desk.request(item)


def test_it_takes_a_privilege(desk: LoanDesk, library: Library, item: Item) -> None:
    with pytest.raises(NotAllowed), nothing_written():
        desk.request(item, actor=library.staff("auditor"))
