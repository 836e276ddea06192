import pytest

from amerce.events.models import Event
from amerce.ledger.models import Transfer
from tests.charges.acts import Desk, now

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_an_item_is_linked_with_its_title_and_barcode_and_no_money_moves(desk: Desk) -> None:
    fee, item = desk.charge(1000), desk.library.new_item("The leopard", "39007000000007")

    outcome = desk.link_item(fee, item)

    fee = now(fee)
    assert (fee.item_id, fee.title, fee.barcode) == (item.pk, "The leopard", "39007000000007")
    assert (Transfer.objects.count(), outcome.lines, outcome.balance_minor, outcome.seq) == (1, (), 1000, 1)


def test_another_item_takes_its_place_and_the_event_keeps_what_was_there(desk: Desk) -> None:
    fee = desk.charge(1000, item=desk.library.new_item("The leopard", "39007000000007"))

    desk.link_item(fee, desk.library.new_item("Invisible cities", "39007000000008"))

    event = Event.objects.get(name="fee.item_linked")
    assert (event.data["barcode_before"], event.data["barcode"]) == ("39007000000007", "39007000000008")
    assert event.data["title_before"] == "The leopard"
    assert now(fee).title == "Invisible cities"


def test_the_title_and_barcode_of_a_linked_item_stay_when_it_is_deleted(desk: Desk) -> None:
    fee, item = desk.charge(1000), desk.library.new_item("The leopard", "39007000000007")
    desk.link_item(fee, item)

    item.delete()

    assert (now(fee).item_id, now(fee).title, now(fee).barcode) == (None, "The leopard", "39007000000007")


@pytest.mark.parametrize("verb", ["pay", "dispute", "export"])
def test_an_item_is_linked_in_whatever_status(desk: Desk, verb: str) -> None:
    fee = desk.charge(1000)
    getattr(desk, verb)(fee)

    desk.link_item(fee, desk.library.new_item("The leopard"))

    assert now(fee).title == "The leopard"
