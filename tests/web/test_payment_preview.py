"""What the preview of a payment says while an amount is typed."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from tests.charges.checks import nothing_written
from tests.web.account import Desk, open_record, text, words
from tests.world import Library

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(sign_in: Callable[..., Client], library: Library) -> Desk:
    return open_record(sign_in, library, "circulation_desk_operator")


def test_the_preview_follows_what_is_typed_and_writes_nothing(desk: Desk, library: Library) -> None:
    library.charge(450, days_ago=2)
    library.charge(1000, days_ago=1)

    with nothing_written():
        read = words(desk.get("payments/preview/?of=all&amount=6"))
        refused = words(desk.get("payments/preview/?of=all&amount=10,5"))

    assert "$4.50 → $0.00 closed" in read
    assert "$10.00 → $8.50 left" in read
    assert "New balance $8.50" in read
    assert "– pay $6.00" in read
    assert "Write the amount in digits" in refused


def test_what_is_partly_paid_is_always_shown_and_the_rest_on_demand(desk: Desk, library: Library) -> None:
    for days_ago in range(12, 0, -1):
        library.charge(100, days_ago=days_ago)

    page = text(desk.get("payments/preview/?of=all&amount=10.50"))

    assert page.index("$0.50") < page.index("<details")
    assert page.count("closed") == 10
    assert "and 3 more" in page.split("<details")[1]


def test_a_preview_costs_the_same_for_one_fee_and_for_many(
    desk: Desk, library: Library, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    library.charge(100, item=library.new_item("Pnin"))
    desk.get("payments/preview/?of=all&amount=1.00")
    with CaptureQueriesContext(connection) as captured:
        desk.get("payments/preview/?of=all&amount=1.00")
    for _ in range(20):
        library.charge(100, item=library.new_item("Pale Fire"))

    with django_assert_num_queries(len(captured)):
        page = words(desk.get("payments/preview/?of=all&amount=20.50"))

    assert (page.count("Pnin"), page.count("Pale Fire")) == (1, 20)
