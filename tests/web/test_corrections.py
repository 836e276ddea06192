"""Taking back a mistaken transaction."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from amerce.charges.correct import correct
from amerce.charges.dispute import dispute
from amerce.charges.models import Fee
from amerce.charges.pay import pay
from amerce.charges.waive import waive
from amerce.ledger.models import Transfer
from tests.charges.checks import nothing_written
from tests.web.account import Desk, open_record, words
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(sign_in: Callable[..., Client], library: Library) -> Desk:
    return open_record(sign_in, library)


@pytest.fixture
def paid(library: Library) -> list[Transfer]:
    """Two fees paid by one payment of 15.00."""
    for amount in (500, 1000):
        library.charge(amount)
    pay(actor=library.operator, at=NOON, patron_id=library.patron.pk, fee_ids=None, amount_minor=1500, method="CASH")
    return list(Transfer.objects.filter(kind="PAYMENT").order_by("seq"))


def path(row: Transfer) -> str:
    return f"fees/{row.fee_id}/corrections/{row.pk}/"


def whole(desk: Desk, row: Transfer) -> dict[str, object]:
    """What the form says when the whole payment is chosen."""
    return {"of": "payment", "line": re.findall(r'name="line" value="(\d+)"', desk.page(path(row)))}


def test_the_whole_payment_is_offered_first_and_taken_back(desk: Desk, paid: list[Transfer]) -> None:
    read = words(desk.get(path(paid[0])))
    done = desk.post(path(paid[0]), {**whole(desk, paid[0]), "comment": "Wrong patron"})

    assert "the whole receipt 10001: 2 lines, $15.00" in read
    assert done["Location"] == desk.url(f"fees/{paid[0].fee_id}/")
    assert list(Fee.objects.order_by("pk").values_list("status", "remaining_minor")) == [
        ("ACTIVE", 500),
        ("ACTIVE", 1000),
    ]


def test_one_line_alone_can_be_taken_back(desk: Desk, paid: list[Transfer]) -> None:
    desk.post(path(paid[0]), {"of": "line"})

    assert list(Fee.objects.order_by("pk").values_list("remaining_minor", flat=True)) == [500, 0]
    assert "the whole receipt" not in words(desk.get(path(paid[1])))


def test_what_was_corrected_or_is_no_mistake_to_correct_is_refused(
    desk: Desk, paid: list[Transfer], library: Library
) -> None:
    desk.post(path(paid[0]), {"of": "line"})
    fee = Fee.objects.get(pk=paid[0].fee_id)
    dispute(actor=library.manager, at=NOON, patron_id=library.patron.pk, fee_ids=[fee.pk])
    disputed = Transfer.objects.get(kind="DISPUTE")

    with nothing_written():
        twice = desk.post(path(paid[0]), {"of": "line"})
        kind = desk.post(path(disputed), {"of": "line"})

    assert "This was corrected already." in words(twice)
    assert "A transaction of the kind “Dispute” is not taken back by a correction." in words(kind)
    assert (twice.status_code, kind.status_code) == (422, 422)


def test_a_transaction_of_another_fee_is_not_found(desk: Desk, paid: list[Transfer]) -> None:
    with nothing_written():
        response = desk.post(f"fees/{paid[0].fee_id}/corrections/{paid[1].pk}/")

    assert response.status_code == 404


def test_the_operator_may_not_correct(sign_in: Callable[..., Client], library: Library, paid: list[Transfer]) -> None:
    operator = open_record(sign_in, library, "circulation_desk_operator")

    with nothing_written():
        assert operator.get(path(paid[0])).status_code == 403
        assert operator.post(path(paid[0])).status_code == 403
    assert "Correct…" not in words(operator.get(f"fees/{paid[0].fee_id}/"))


def test_the_whole_payment_that_the_page_showed_is_asked_for_and_nothing_else(
    desk: Desk, paid: list[Transfer], library: Library
) -> None:
    shown = whole(desk, paid[0])
    correct(actor=library.manager, at=NOON, patron_id=library.patron.pk, transfer_ids=[paid[1].pk])

    with nothing_written():
        refused = desk.post(path(paid[0]), shown)
        without = desk.post(path(paid[0]), {"of": "payment"})

    assert "This was corrected already." in words(refused)
    assert without.status_code == 422


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("CHARGE", "The charge is taken back."),
        ("WAIVE", "The transaction was corrected. What it settled is open again."),
    ],
)
def test_it_says_what_follows_from_the_correction(desk: Desk, library: Library, kind: str, said: str) -> None:
    fee = library.charge(500)
    if kind == "WAIVE":
        waive(actor=library.manager, at=NOON, patron_id=library.patron.pk, amounts_minor={fee.pk: 200}, reason="OTHER")

    done = desk.post(path(Transfer.objects.get(kind=kind)))

    assert said in words(desk.client.get(done["Location"]))
