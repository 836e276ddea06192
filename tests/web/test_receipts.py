"""The printed receipt."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from amerce.charges.correct import correct
from amerce.charges.link_item import link_item
from amerce.charges.models import FeeType
from amerce.charges.pay import pay
from amerce.charges.refund import refund
from amerce.charges.waive import waive
from amerce.ledger.models import Transfer
from tests.charges.acts import facts
from tests.web.account import Desk, open_record, text, words
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(sign_in: Callable[..., Client], library: Library) -> Desk:
    return open_record(sign_in, library)


def take(library: Library, amount_minor: int) -> int:
    outcome = pay(
        actor=library.operator,
        at=NOON,
        patron_id=library.patron.pk,
        fee_ids=None,
        amount_minor=amount_minor,
        method="CASH",
    )
    assert outcome.payment_id
    return outcome.payment_id


def test_a_receipt_says_who_where_when_what_and_how_much(desk: Desk, library: Library) -> None:
    FeeType.objects.filter(code="SERVICEFEE").update(vat_rate_bp=1000)
    library.charge(1000, "SERVICEFEE", item=library.new_item("Pnin"))
    number = take(library, 600)

    read = words(desk.get(f"payments/{number}/receipt/"))

    for part in (
        "MAIN University",
        "Main Library · Circulation Desk 1",
        f"Receipt {number}",
        "Mar 2, 2026, 12:00",
        "Service fee Pnin VAT included $0.55 $4.00 $6.00",
        "Cash $6.00 Total $6.00 VAT included $0.55 New balance $4.00",
    ):
        assert part in read


def test_a_receipt_printed_again_names_the_item_of_the_day_and_not_one_linked_since(
    desk: Desk, library: Library
) -> None:
    fee = library.charge(1000, item=library.new_item("Pnin"))
    plain = library.charge(500)
    number = take(library, 1500)
    for hours, title in enumerate(("Stoner", "The leopard"), start=1):
        for each in (fee, plain):
            link_item(
                actor=library.operator,
                at=NOON + timedelta(hours=hours),
                patron_id=library.patron.pk,
                fee_id=each.pk,
                item=facts(library.new_item(title)),
            )

    again = words(desk.get(f"payments/{number}/receipt/"))

    assert "Other Pnin $0.00 $10.00 Other $0.00 $5.00" in again
    assert "Stoner" not in again
    assert "The leopard" not in again


def test_a_receipt_names_the_transaction_of_the_card_terminal(desk: Desk, library: Library) -> None:
    library.charge(1000)
    paid = pay(
        actor=library.operator,
        at=NOON,
        patron_id=library.patron.pk,
        fee_ids=None,
        amount_minor=1000,
        method="CREDIT_CARD",
        external_transaction_id="TERM-4711",
    )

    assert "External transaction ID TERM-4711" in words(desk.get(f"payments/{paid.payment_id}/receipt/"))


def test_a_receipt_printed_later_still_says_the_balance_of_then(desk: Desk, library: Library) -> None:
    library.charge(1000)
    first = take(library, 300)
    take(library, 700)
    library.charge(5000)

    read = words(desk.get(f"payments/{first}/receipt/"))

    assert "$7.00 $3.00" in read
    assert "New balance $7.00" in read


def test_what_was_corrected_is_marked(desk: Desk, library: Library) -> None:
    library.charge(1000)
    number = take(library, 300)
    line = Transfer.objects.get(payment_id=number)
    correct(actor=library.manager, at=NOON, patron_id=library.patron.pk, transfer_ids=[line.pk])

    assert "corrected later" in words(desk.get(f"payments/{number}/receipt/"))


def test_the_page_for_the_till_says_so_to_the_printer(desk: Desk, library: Library) -> None:
    library.charge(1000)
    number = take(library, 300)

    assert '<body class="print-80"' in text(desk.get(f"payments/{number}/receipt/?paper=80"))
    assert "print-80" not in text(desk.get(f"payments/{number}/receipt/?paper=letter"))


def test_a_correction_says_which_way_the_money_went(desk: Desk, library: Library) -> None:
    """Of a payment it leaves the till, of a refund it comes back."""
    fee = library.charge(1000)
    paid = take(library, 500)
    at_desk = {"actor": library.manager, "at": NOON, "patron_id": library.patron.pk}
    refunded = refund(**at_desk, fee_id=fee.pk, amount_minor=200, method="CASH").payment_id
    again = correct(**at_desk, transfer_ids=[Transfer.objects.get(payment_id=refunded).pk]).payment_id
    back = correct(**at_desk, transfer_ids=[Transfer.objects.get(payment_id=paid).pk]).payment_id

    def read(number: int | None) -> str:
        return words(desk.get(f"payments/{number}/receipt/"))

    assert "Refund corrected later $5.00 -$2.00 Given back · Cash -$2.00 Total -$2.00 New balance $5.00" in read(
        refunded
    )
    assert "Correction · Refund $5.00 $2.00 Taken back · Cash $2.00 Total $2.00 New balance $5.00" in read(again)
    assert "Correction · Payment $10.00 -$5.00 Given back · Cash -$5.00 Total -$5.00 New balance $10.00" in read(back)
    assert "Refunded $2.00" in words(desk.get(f"payments/{refunded}/"))


def test_a_correction_of_a_payment_gives_the_used_credit_back(desk: Desk, library: Library) -> None:
    library.charge(1000)
    library.charge(300, "CREDIT")
    number = take(library, 700)
    rows = list(Transfer.objects.filter(payment_id=number).values_list("pk", flat=True))
    back = correct(actor=library.manager, at=NOON, patron_id=library.patron.pk, transfer_ids=rows).payment_id

    read = words(desk.get(f"payments/{back}/receipt/"))

    assert "-$10.00 Credits given back -$3.00 Given back · Cash -$7.00 Total -$7.00 New balance $7.00" in read


def test_a_waive_taken_back_with_a_payment_moves_no_money(desk: Desk, library: Library) -> None:
    fee = library.charge(1000)
    number = take(library, 300)
    at_desk = {"actor": library.manager, "at": NOON, "patron_id": library.patron.pk}
    waive(**at_desk, amounts_minor={fee.pk: 200}, reason="HARDSHIP")
    rows = list(Transfer.objects.filter(kind__in=("PAYMENT", "WAIVE")).values_list("pk", flat=True))
    back = correct(**at_desk, transfer_ids=rows).payment_id

    read = words(desk.get(f"payments/{back}/receipt/"))

    assert number != back
    assert "Correction · Waive $10.00 $2.00" in read
    assert "Correction · Payment $10.00 -$3.00 Given back · Cash -$3.00 Total -$3.00 New balance $10.00" in read


def test_whoever_served_is_named_as_people_are(desk: Desk, library: Library) -> None:
    library.charge(1000)
    number = take(library, 300)

    assert "Served by Main-Circulation_Desk_Operator" in words(desk.get(f"payments/{number}/receipt/"))
