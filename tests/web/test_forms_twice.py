"""Each form of an account that is sent twice acts once: a double click, a reload, a browser that tries again."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from amerce.charges.dispute import dispute
from amerce.charges.models import Fee
from amerce.charges.pay import pay
from amerce.ledger.models import PatronAccount, Transfer
from tests.web.account import Desk, field_value, open_record
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


@dataclass
class Sent:
    """A form: where it is, and what is typed and ticked in it. What it hides is read from the page."""

    path: str
    typed: dict[str, Any]
    query: str = ""


def _pay(library: Library, *fees: Fee) -> None:
    pay(
        actor=library.manager,
        at=NOON,
        patron_id=library.patron.pk,
        fee_ids=[each.pk for each in fees],
        amount_minor=sum(each.remaining_minor for each in fees),
        method="CASH",
    )


def _payment(library: Library) -> Sent:
    library.charge(500)
    return Sent("payments/new/", {"of": "all", "amount": "5.00", "method": "CASH"})


def _waive(library: Library) -> Sent:
    fee = library.charge(500)
    typed = {"fee": fee.pk, f"amount_{fee.pk}": "5.00", "reason": "HARDSHIP", "confirm": "1"}
    return Sent("waivers/new/", typed, f"?fee={fee.pk}")


def _dispute(library: Library) -> Sent:
    return Sent(f"fees/{library.charge(500).pk}/dispute/", {})


def _restore(library: Library) -> Sent:
    fee = library.charge(500)
    dispute(actor=library.manager, at=NOON, patron_id=library.patron.pk, fee_ids=[fee.pk])
    return Sent(f"fees/{fee.pk}/restore/", {})


def _refund(library: Library) -> Sent:
    fee = library.charge(500)
    _pay(library, fee)
    return Sent(f"fees/{fee.pk}/refund/", {"amount": "5.00", "method": "CASH"})


def _correct_one(library: Library) -> Sent:
    fee = library.charge(500)
    _pay(library, fee)
    row = Transfer.objects.get(kind="PAYMENT")
    return Sent(f"fees/{fee.pk}/corrections/{row.pk}/", {})


def _correct_whole(library: Library) -> Sent:
    fees = [library.charge(500), library.charge(700)]
    _pay(library, *fees)
    row = Transfer.objects.filter(kind="PAYMENT", fee=fees[0]).get()
    return Sent(f"fees/{fees[0].pk}/corrections/{row.pk}/", {"of": "payment"})


def _add(_library: Library) -> Sent:
    return Sent("fees/new/", {"type": "OTHER", "amount": "5.00", "owner": "", "add": "1"})


def _link(library: Library) -> Sent:
    item = library.new_item("Pnin", "39001")
    return Sent(f"fees/{library.charge(500).pk}/item/", {"barcode": item.barcode})


@pytest.mark.parametrize(
    "made", [_payment, _waive, _dispute, _restore, _refund, _correct_one, _correct_whole, _add, _link]
)
def test_each_form_posted_twice_acts_once(
    sign_in: Callable[..., Client], library: Library, made: Callable[[Library], Sent]
) -> None:
    desk: Desk = open_record(sign_in, library)
    sent = made(library)
    page = desk.page(sent.path + sent.query)
    lines = re.findall(r'name="line" value="(\d+)"', page)
    form = {"form_key": field_value(page, "form_key"), "seq": field_value(page, "seq"), "line": lines, **sent.typed}

    first = desk.post(sent.path, form)
    once = _books()
    again = desk.post(sent.path, form)

    assert (first.status_code, again.status_code) == (302, 302)
    assert first["Location"] == again["Location"]
    assert _books() == once


def _books() -> list[Any]:
    """All money and all fees; that a form came again is an event and no more."""
    return [Transfer.objects.count(), list(Fee.objects.order_by("pk").values()), list(PatronAccount.objects.values())]
