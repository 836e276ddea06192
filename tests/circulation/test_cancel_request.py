"""Cancelling a request (row A12)."""

import pytest

from amerce.access.can import NotAllowed
from amerce.circulation.cancel_request import CancelledRequest, cancel_request
from amerce.circulation.errors import RequestNotFound
from amerce.circulation.models import Item, Request
from amerce.events.models import Event
from amerce.patrons.models import Note
from tests.charges.checks import nothing_written
from tests.circulation.desk import LoanDesk
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


@pytest.fixture
def item(library: Library) -> Item:
    return library.new_item()


def cancel(library: Library, request: Request, **columns: object) -> CancelledRequest:
    given = {"actor": library.operator, "patron_id": library.patron.pk, **columns}
    return cancel_request(at=NOON, request_id=request.pk, **given)


def test_cancelled_it_says_whether_to_notify_and_with_what_words(desk: LoanDesk, library: Library, item: Item) -> None:
    cancel(library, desk.request(item), note="Damaged by water")

    assert Request.objects.values_list("closed_at", "cancelled_at").get() == (NOON, NOON)
    data = Event.objects.get(name="request.cancelled").data
    assert (data["notify"], Note.objects.get(pk=data["note"]).text) == (True, "Damaged by water")


def test_without_notice_the_event_says_so(desk: LoanDesk, library: Library, item: Item) -> None:
    cancel(library, desk.request(item), notify=False)

    data = Event.objects.get(name="request.cancelled").data
    assert (data["notify"], data["note"]) == (False, None)


def test_it_is_cancelled_once_and_by_whose_record_it_is_on(desk: LoanDesk, library: Library, item: Item) -> None:
    request = desk.request(item)
    with pytest.raises(RequestNotFound), nothing_written():
        cancel(library, request, patron_id=library.new_patron("other").pk)
    cancel(library, request)
    with pytest.raises(RequestNotFound), nothing_written():
        cancel(library, request)


def test_it_takes_a_privilege(desk: LoanDesk, library: Library, item: Item) -> None:
    request = desk.request(item)
    with pytest.raises(NotAllowed), nothing_written():
        cancel(library, request, actor=library.staff("auditor"))
