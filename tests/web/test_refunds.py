"""Refunds and paying out a credit."""

from collections.abc import Callable

import pytest
from django.test import Client

from amerce.charges.models import Fee
from amerce.charges.pay import pay
from tests.charges.checks import nothing_written
from tests.web.account import Desk, field_value, open_record, text, words
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(sign_in: Callable[..., Client], library: Library) -> Desk:
    return open_record(sign_in, library)


@pytest.fixture
def paid(library: Library) -> Fee:
    fee = library.charge(1000)
    pay(
        actor=library.operator,
        at=NOON,
        patron_id=library.patron.pk,
        fee_ids=[fee.pk],
        amount_minor=600,
        method="CASH",
    )
    return fee


def test_what_was_paid_is_offered_and_given_back_with_a_receipt(desk: Desk, paid: Fee) -> None:
    page = desk.page(f"fees/{paid.pk}/refund/")

    done = desk.post(f"fees/{paid.pk}/refund/", {"amount": "2.50", "method": "CASH"})

    assert field_value(page, "amount") == "6.00"
    assert done["Location"] == desk.url("payments/10002/")
    paid.refresh_from_db()
    assert (paid.refunded_minor, paid.remaining_minor) == (250, 400)
    assert "Refunded $2.50 New balance $4.00" in words(desk.get("payments/10002/"))


def test_a_refund_can_be_kept_as_a_credit_and_the_credit_paid_out(desk: Desk, paid: Fee) -> None:
    desk.post(f"fees/{paid.pk}/refund/", {"amount": "2.50", "method": "keep-as-credit"})
    credit = Fee.objects.get(type__code="CREDIT")
    assert credit.remaining_minor == -250
    assert "keep-as-credit" not in desk.page(f"fees/{credit.pk}/refund/")

    desk.post(f"fees/{credit.pk}/refund/", {"amount": "2.50", "method": "CASH"})

    credit.refresh_from_db()
    assert (credit.status, credit.remaining_minor) == ("CLOSED", 0)


def test_the_same_form_twice_gives_once(desk: Desk, paid: Fee) -> None:
    form = {"amount": "2.50", "method": "CASH", "form_key": "k" * 32, "seq": str(desk.seq)}

    desk.post(f"fees/{paid.pk}/refund/", form)
    again = desk.post(f"fees/{paid.pk}/refund/", form)

    paid.refresh_from_db()
    assert paid.refunded_minor == 250
    assert "This was refunded before. Nothing was given twice." in words(desk.client.get(again["Location"]))


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"amount": "6.01"}, "amount", "$6.00 is the most that can be refunded here."),
        ({"amount": ".5"}, "amount", "Write 0.5, with the leading 0."),
        ({"method": "SHELLS"}, "method", "Choose a method from the list."),
    ],
)
def test_a_refusal_stands_at_its_field(desk: Desk, paid: Fee, typed: dict[str, str], field: str, sentence: str) -> None:
    with nothing_written():
        response = desk.post(f"fees/{paid.pk}/refund/", {"amount": "1.00", "method": "CASH", **typed})

    assert response.status_code == 422
    assert sentence in words(response)
    assert f'id="id_{field}_error"' in text(response)


def test_the_operator_may_not_refund(sign_in: Callable[..., Client], library: Library, paid: Fee) -> None:
    operator = open_record(sign_in, library, "circulation_desk_operator")

    with nothing_written():
        assert operator.post(f"fees/{paid.pk}/refund/", {"amount": "1.00", "method": "CASH"}).status_code == 403
