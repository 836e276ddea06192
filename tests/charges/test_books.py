import pytest
from django.db import transaction

from amerce.charges.books import open_books
from amerce.charges.models import Fee
from amerce.events.models import Event
from amerce.ledger.models import Transfer
from tests.charges.acts import Desk
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_books_hold_the_chosen_fees_and_the_credits_bound_to_them_and_no_others(desk: Desk) -> None:
    lost, other = desk.charge(9900, "LOSTITEMREPLACEMENTFEE"), desk.charge(100)
    desk.charge(50, "CREDIT")
    desk.waive(lost)
    bound = Fee.objects.get(bound_to=lost)

    with transaction.atomic():
        books = open_books(actor=desk.manager, at=NOON, patron_id=desk.patron.pk, fee_ids=[lost.pk])

    assert set(books.fees) == {lost.pk, bound.pk}
    assert (books.payable_minor(books.fees[lost.pk]), other.pk in books.fees) == (0, False)


def test_the_event_of_a_command_says_who_where_and_what_and_no_words(desk: Desk) -> None:
    fee = desk.charge(1000)
    outcome = desk.pay(fee, amount=400, comment="Jane was upset")

    event = Event.objects.get(name="fee.paid")
    assert (event.institution_id, event.patron_id, event.at) == (desk.library.institution.pk, desk.patron.pk, NOON)
    assert (event.actor_id, event.library_id, event.desk_id) == (
        desk.manager.account_id,
        desk.library.library.pk,
        desk.library.desk.pk,
    )
    assert event.data["receipt"] == outcome.payment_id
    assert event.data["lines"] == [
        {
            "kind": "PAYMENT",
            "fee_id": fee.pk,
            "amount_minor": 400,
            "before_minor": 1000,
            "after_minor": 600,
            "status": "ACTIVE",
            "credit_fee_id": None,
        }
    ]
    assert "Jane" not in str(event.data)


def test_every_command_is_one_event_with_its_name(desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.charge(100, "CREDIT")
    desk.pay(fee, amount=100)
    desk.refund(fee, 50)
    desk.waive(fee, amount=100)
    desk.correct(desk.last_transfer("WAIVE"))
    desk.dispute(fee)
    desk.restore(fee)
    desk.link_item(fee, desk.library.new_item())
    desk.export(fee)

    assert list(Event.objects.order_by("pk").values_list("name", flat=True)) == [
        "fee.assessed",
        "credit.granted",
        "fee.paid",
        "fee.refunded",
        "fee.waived",
        "transfer.corrected",
        "fee.disputed",
        "fee.restored",
        "fee.item_linked",
        "fee.exported",
    ]


def test_each_transfer_holds_the_hash_of_the_one_before(desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.pay(fee, amount=100)
    desk.pay(fee, amount=100)

    rows = list(Transfer.objects.order_by("seq"))
    assert [row.previous_hash for row in rows] == ["0" * 64, rows[0].hash, rows[1].hash]
    assert desk.account().head_hash == rows[2].hash
