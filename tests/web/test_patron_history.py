"""The tab History of User Details."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest
from django.test import Client

from amerce import charges, circulation, patrons
from amerce.access.privileges import Privilege
from amerce.charges.correct import correct
from amerce.charges.pay import pay
from amerce.circulation.cancel_request import cancel_request
from amerce.circulation.checkout import checkout
from amerce.circulation.mark_found import mark_found
from amerce.circulation.mark_lost import mark_lost
from amerce.circulation.models import Loan
from amerce.circulation.place_request import place_request
from amerce.circulation.renew import renew
from amerce.circulation.return_item import return_item
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
    assert "Overdue notice 2 for an item." in read
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


def test_what_happened_to_loans_and_requests_is_told_with_their_titles(
    sign_in: Callable[..., Client], library: Library
) -> None:
    item, wanted = library.new_item("Pnin"), library.new_item("Stoner")
    place = {"actor": library.manager, "patron_id": library.patron.pk}
    lent = checkout(at=NOON, barcode=item.barcode, **place)
    renew(at=NOON + timedelta(days=1), loan_ids=[lent.loan_id], **place)
    mark_lost(at=NOON + timedelta(days=2), loan_id=lent.loan_id, **place)
    mark_found(at=NOON + timedelta(days=3), loan_id=lent.loan_id, **place)
    placed = place_request(at=NOON, barcode=wanted.barcode, pickup_library_id=library.library.pk, **place)
    cancel_request(at=NOON, request_id=placed.request.pk, notify=False, **place)
    return_item(actor=library.manager, at=NOON + timedelta(days=4), barcode=item.barcode)
    desk = open_record(sign_in, library)

    read = words(desk.get("history/"))

    assert "Lent Pnin, due Mar 30, 2026, 11:59 PM." in read
    assert "Renewed Pnin, due Mar 31, 2026, 11:59 PM." in read
    assert "Marked Pnin Lost." in read
    assert "Marked Pnin Found." in read
    assert "Returned Pnin." in read
    assert "Requested Stoner." in read
    assert "Cancelled the request for Stoner; the user is not notified." in read

    Loan.objects.filter(pk=lent.loan_id).update(patron=None)
    read = words(desk.get("history/"))

    assert "Pnin" not in read  # of a loan that was made anonymous nobody reads the title here
    assert "Returned an item." in read


@pytest.mark.parametrize("package", [charges, circulation, patrons])
def test_every_event_about_a_patron_has_a_sentence(package: ModuleType) -> None:
    sources = "".join(each.read_text() for each in Path(package.__path__[0]).glob("**/*.py"))
    about_patrons = "fee|credit|transfer|request|payment|loan|patron|block"
    recorded = set(re.findall(rf'"((?:{about_patrons})\.[a-z_]+)"', sources))
    privileges = {each.value for each in Privilege}

    assert recorded
    assert recorded - privileges - set(SENTENCES) == set()
