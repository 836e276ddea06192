"""The tab History of User Details."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from amerce import charges
from amerce.access.privileges import Privilege
from amerce.charges.correct import correct
from amerce.charges.pay import pay
from amerce.events.record import record
from amerce.ledger.models import Transfer
from amerce.web.patron_history import SENTENCES
from tests.web.account import open_record, words
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


def test_what_happened_is_told_in_sentences(sign_in: Callable[..., Client], library: Library) -> None:
    desk = open_record(sign_in, library, "circulation_desk_operator")
    library.charge(1000)
    pay(actor=library.operator, at=NOON, patron_id=library.patron.pk, fee_ids=None, amount_minor=400, method="CASH")
    noticed = {"loan": 1, "number": 2, "charged": 0}
    record("loan.overdue_noticed", actor=library.operator, at=NOON, patron_id=library.patron.pk, data=noticed)
    record("letter.sent", actor=library.operator, at=NOON, patron_id=library.patron.pk, data={})

    read = words(desk.get("history/"))

    assert "Paid $4.00, receipt 10001." in read
    assert "Charged $10.00." in read
    assert "Overdue notice 2." in read
    assert "Main Library · Circulation Desk 1" in read
    assert "letter.sent" in read  # what has no sentence yet is shown by its name, never hidden


def test_nothing_happened_says_so(sign_in: Callable[..., Client], library: Library) -> None:
    assert "Nothing happened yet" in words(open_record(sign_in, library).get("history/"))


def test_money_and_credit_are_told_apart(sign_in: Callable[..., Client], library: Library) -> None:
    desk = open_record(sign_in, library)
    library.charge(3500)
    library.charge(2500, "CREDIT")
    pay(actor=library.operator, at=NOON, patron_id=library.patron.pk, fee_ids=None, amount_minor=1000, method="CASH")
    rows = list(Transfer.objects.filter(payment_id=10001).values_list("pk", flat=True))
    correct(actor=library.manager, at=NOON, patron_id=library.patron.pk, transfer_ids=rows)

    read = words(desk.get("history/"))

    assert "Paid $10.00 and used $25.00 of credit, receipt 10001. Main-Circulation_Desk_Operator" in read
    assert "Corrected $10.00 and $25.00 of credit. Main-Circulation_Desk_Manager" in read


def test_every_event_that_charges_record_has_a_sentence() -> None:
    sources = "".join(each.read_text() for each in Path(charges.__file__).parent.glob("**/*.py"))
    recorded = set(re.findall(r'"((?:fee|credit|transfer|request|payment)\.[a-z_]+)"', sources))
    privileges = {each.value for each in Privilege}

    assert "fee.paid" in recorded
    assert recorded - privileges - set(SENTENCES) == set()
