import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from amerce.charges.books import chosen, open_books, possible_ids
from amerce.charges.errors import NothingChosen
from amerce.charges.models import Fee
from amerce.events.models import Event
from amerce.ledger.models import PatronAccount, Transfer
from tests.charges.acts import Desk
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_the_account_is_made_when_the_patron_is_first_charged(desk: Desk) -> None:
    assert not PatronAccount.objects.exists()

    desk.charge(100)

    assert PatronAccount.objects.get().patron_id == desk.patron.pk


def test_books_hold_the_chosen_fees_and_the_credits_bound_to_them_and_no_others(desk: Desk) -> None:
    lost, other = desk.charge(9900, "LOSTITEMREPLACEMENTFEE"), desk.charge(100)
    desk.charge(50, "CREDIT")
    desk.waive(lost)
    bound = Fee.objects.get(bound_to=lost)

    with transaction.atomic():
        books = open_books(actor=desk.manager, at=NOON, patron_id=desk.patron.pk, fee_ids=[lost.pk])

    assert set(books.fees) == {lost.pk, bound.pk}
    assert (books.payable_minor(books.fees[lost.pk]), other.pk in books.fees) == (0, False)


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite locks the whole database at BEGIN")
def test_the_account_is_locked_before_the_fees_and_they_by_id(desk: Desk) -> None:
    fees = [desk.charge(100, days_ago=days) for days in (1, 5, 3)]

    with CaptureQueriesContext(connection) as captured:
        desk.pay(*reversed(fees))

    locks = [each["sql"] for each in captured if "FOR UPDATE" in each["sql"]]
    assert ["patronaccount" in locks[0], "charges_fee" in locks[1]] == [True, True]
    assert 'ORDER BY "charges_fee"."id" ASC' in locks[1]


def test_ids_are_taken_once_and_in_order() -> None:
    assert chosen([3, 1, 3, 2]) == [1, 2, 3]
    with pytest.raises(NothingChosen):
        chosen([])


def test_numbers_that_no_id_can_be_are_left_out() -> None:
    assert possible_ids([-1, 0, 1, 2**63 - 1, 2**63, 2**70]) == [1, 2**63 - 1]


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
