"""The tab History of User Details."""

from collections.abc import Callable

import pytest
from django.test import Client

from amerce.charges.pay import pay
from amerce.events.record import record
from tests.web.account import open_record, words
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


def test_what_happened_is_told_in_sentences(sign_in: Callable[..., Client], library: Library) -> None:
    desk = open_record(sign_in, library, "circulation_desk_operator")
    library.charge(1000)
    pay(actor=library.operator, at=NOON, patron_id=library.patron.pk, fee_ids=None, amount_minor=400, method="CASH")
    record("letter.sent", actor=library.operator, at=NOON, patron_id=library.patron.pk, data={})

    read = words(desk.get("history/"))

    assert "Paid $4.00, receipt 10001." in read
    assert "Charged $10.00." in read
    assert "Main Library · Circulation Desk 1" in read
    assert "letter.sent" in read  # what has no sentence yet is shown by its name, never hidden


def test_nothing_happened_says_so(sign_in: Callable[..., Client], library: Library) -> None:
    assert "Nothing happened yet" in words(open_record(sign_in, library).get("history/"))
